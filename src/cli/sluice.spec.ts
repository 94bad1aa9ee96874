import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsArguments } from './settings-arguments.js';
import { run } from './sluice.js';

const cwd = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
writeFileSync(join(cwd, 'good.yaml'), 'server.port: 8080\n');
writeFileSync(join(cwd, 'bad.yaml'), 'server.port: x\nlog.level: y\nserver.hots: z\n');

async function sluice(...argv: string[]) {
  const out: string[] = [];
  const error: string[] = [];
  const terminal = { env: {}, cwd, out: (line: string) => out.push(line), error: (line: string) => error.push(line) };
  const code = await run(argv, { ...terminal, exitCode: 0 });
  return { code, out: out.join('\n'), error: error.join('\n') };
}

describe('sluice settings', () => {
  it('shows each setting in force with its source, in columns', async () => {
    const { code, out } = await sluice('settings', '--config', 'good.yaml', '--set', 'server.port=9090');
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines.find((line) => line.startsWith('server.port'))).toMatch(
      /^server\.port +9090 +--set, before good\.yaml:1$/,
    );
    expect(lines.find((line) => line.startsWith('security.headers.hsts'))).toMatch(/ - +default$/);
    const [first, ...others] = lines.map((line) => /^(\S+ +)\S/.exec(line)?.[1]?.length);
    expect(others.every((width) => width === first)).toBe(true);
  });
  it('answers JSON where it is asked to', async () => {
    const { out } = await sluice('settings', '--json', '--set', 'server.prot=1');
    const { settings, warnings } = JSON.parse(out) as { settings: unknown[]; warnings: string[] };
    expect(settings).toContainEqual({ name: 'server.port', value: 1234, source: 'default', overridden: [] });
    expect(warnings).toHaveLength(1);
  });
  it('tells every fault on the error output, without a stack trace, and ends with 1', async () => {
    const { code, out, error } = await sluice('settings', '--config', 'bad.yaml');
    expect([code, out]).toEqual([1, '']);
    expect(error).toBe(
      [
        '2 settings cannot be used:',
        '  server.port = "x": expected a whole number from 0 to 65535 (bad.yaml:1)',
        '  log.level = "y": expected trace, debug, info, warn, error or fatal (bad.yaml:2)',
        'warning: Setting "server.hots" is unknown; did you mean server.host? (bad.yaml:3)',
      ].join('\n'),
    );
  });
});

describe('a misused command line', () => {
  it.each([[['sevre']], [['settings', '--nonsense']], [['settings', 'more']], [['settings', '--set']], [[]]])(
    'ends with 2 and says where help is: %j',
    async (argv) => {
      const { code, error } = await sluice(...argv);
      expect(code).toBe(2);
      expect(error).toMatch(/help/);
    },
  );
  it('suggests the command that was meant', async () => {
    expect((await sluice('setings')).error).toContain('Did you mean settings?');
  });
});

describe('help', () => {
  it('lists the commands and ends with 0', async () => {
    const { code, out } = await sluice('--help');
    expect(code).toBe(0);
    expect(out).toMatch(/start[^]*settings[^]*validate/);
  });
});

describe('arguments for the gateway', () => {
  it('are those that the command got', () => {
    expect(settingsArguments({ config: 'a.yaml', set: ['a=1', 'b=2'] })).toEqual([
      ...['--config', 'a.yaml', '--set', 'a=1', '--set', 'b=2'],
    ]);
    expect(settingsArguments({})).toEqual([]);
  });
});
