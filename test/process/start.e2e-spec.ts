import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { call } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { type Ended, freePort, ran, takenPort } from './program.js';

// Each test starts processes of its own, on machines that are busy.
jest.setTimeout(60_000);

const home = mkdtempSync(join(tmpdir(), 'sluice-start-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function write(path: string, text: string): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const STACK_TRACE = /^\s+at /m;
const LISTENING = { 'server.host': '127.0.0.1', 'server.port': '0', 'server.shutdownDelayMs': '0' };

/** A gateway that is expected to end by itself. */
function started(settings: Readonly<Record<string, string | number>>, args: readonly string[] = [], env = {}) {
  const sets = Object.entries({ ...LISTENING, ...settings }).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  return ran('main.js', [...sets, ...args], { cwd: home, env });
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n');
}

/** One line of reason, nothing else but log lines, and exit code 1. */
function expectRefusal({ code, out, err }: Ended, reason: string | RegExp): void {
  expect(linesOf(err)).toEqual([
    typeof reason === 'string' ? `Sluice cannot start: ${reason}` : expect.stringMatching(reason),
  ]);
  expect(out.split('\n').every((line) => line === '' || line.startsWith('{'))).toBe(true);
  expect(code).toBe(1);
}

describe('a start with a wrong configuration', () => {
  it('tells every fault of every source at once, each with property, value and what was expected', async () => {
    write(
      'wrong.yaml',
      [
        'server:',
        '  port: 70000',
        '  requestTimeout: soon',
        'log.level: loud',
        'gateway.requestIdHeaderOn: sometimes',
        'security.actuator.allowed.ips: [10.0.0.0/8, nonsense]',
        'security.mtls.server.self.enabled: true',
        '',
      ].join('\n'),
    );
    const args = ['--config', 'wrong.yaml', '--set', 'codecs.memory.maxSize=0', '--nonsense'];
    const { code, out, err } = await ran('main.js', args, {
      cwd: home,
      env: { SLUICE_GATEWAY_ALLOWBRANCH: 'perhaps' },
    });
    const [first, ...faults] = linesOf(err);
    expect(first).toBe('Sluice cannot start with these settings:');
    expect(faults.map((line) => line.trim()).sort()).toEqual([
      '--nonsense: is not understood; known are --config FILE and --set name=value (command line)',
      'codecs.memory.maxSize = "0": expected a whole number of at least 1 (--set)',
      'gateway.allowBranch = "perhaps": expected true or false (environment SLUICE_GATEWAY_ALLOWBRANCH)',
      'gateway.requestIdHeaderOn = "sometimes": expected none, always or error (wrong.yaml:5)',
      'log.level = "loud": expected trace, debug, info, warn, error or fatal (wrong.yaml:4)',
      expect.stringMatching(
        /^security\.actuator\.allowed\.ips = \["10\.0\.0\.0\/8","nonsense"\]: expected addresses or CIDR ranges .*\(wrong\.yaml:6\)$/,
      ),
      expect.stringMatching(/^security\.mtls\.server\.self\.enabled: .*not in force.*\(wrong\.yaml:7\)$/),
      'server.port = "70000": expected a whole number from 0 to 65535 (wrong.yaml:2)',
      'server.requestTimeout = "soon": expected a whole number from 0 to 2147483647 (wrong.yaml:3)',
    ]);
    expect([code, out]).toEqual([1, '']);
  });
  it('that cannot be read or parsed names the file and the line, without a stack trace', async () => {
    const nowhere = await started({}, ['--config', 'nowhere.yaml']);
    expect([nowhere.code, nowhere.out]).toEqual([1, '']);
    expect(nowhere.err).toContain('configuration file = "nowhere.yaml": cannot be read: there is no such file');
    write('broken.yaml', 'server:\n  port: [1\n');
    const broken = await started({}, ['--config', 'broken.yaml']);
    expect([broken.code, broken.out]).toEqual([1, '']);
    expect(broken.err).toMatch(/configuration file: .*\(broken\.yaml:\d\)/);
    expect(nowhere.err + broken.err).not.toMatch(STACK_TRACE);
  });
});

describe('a start that asks for a protection which is not in force', () => {
  it.each([
    ['security.mtls.server.self.enabled', 'true'],
    ['server.ssl.key-store', '/run/keys.p12'],
  ])('is refused: %s', async (name, value) => {
    const { code, out, err } = await started({ [name]: value });
    expect(linesOf(err)).toEqual([
      'Sluice cannot start with these settings:',
      `  ${name}: is not in force in this release; refusing to start rather than to run unprotected (--set)`,
    ]);
    expect([code, out]).toEqual([1, '']);
  });
});

describe('a start on a port that is in use', () => {
  let other: { readonly port: number; readonly server: Server };
  beforeAll(async () => void (other = await takenPort()));
  afterAll(() => void other.server.close());

  it('is refused in one line that names the port: server.port', async () => {
    expectRefusal(
      await started({ 'server.port': other.port }),
      `127.0.0.1:${other.port} is in use. Stop what listens there, or set server.port to another port.`,
    );
  });
  it('is refused in one line that names the port: server.management.port', async () => {
    expectRefusal(
      await started({ 'server.management.port': other.port }),
      `127.0.0.1:${other.port} is in use. Stop what listens there, or set server.management.port to another port.`,
    );
  });
});

describe('a start with a data.folder that cannot be written', () => {
  it('is refused in one line that names the folder', async () => {
    const file = write('in-the-way', '');
    expectRefusal(
      await started({ 'data.folder': 'in-the-way/data' }),
      `${file}/data cannot be written (ENOTDIR). Set data.folder.`,
    );
    expectRefusal(await started({ 'data.folder': file }), `${file} cannot be written (EEXIST). Set data.folder.`);
  });
});

describe('a gateway', () => {
  let gateway: TestGateway;
  afterEach(async () => void (await gateway.stop()));

  it('that is given unknown settings starts, and suggests in its log what was meant', async () => {
    gateway = await TestGateway.start({
      settings: { 'server.prot': 1 },
      env: { SLUICE_GATEWAY_REFRESHMSS: '500' },
    });
    const warnings = gateway.lines.filter(({ level }) => level === 40).map(({ msg }) => msg);
    expect(warnings).toEqual([
      'Environment variable SLUICE_GATEWAY_REFRESHMSS names no setting; did you mean SLUICE_GATEWAY_REFRESHMS?',
      'Setting "server.prot" is unknown; did you mean server.port? (--set)',
    ]);
  });
  it('without its components folder listens, is live and not ready, and becomes ready when the folder is there', async () => {
    const port = await freePort();
    const folder = join(home, 'late');
    gateway = TestGateway.spawn({
      settings: { 'server.port': port, 'config.loader.folder': folder, 'gateway.refreshMs': 100 },
    });
    const statusOf = async (path: string): Promise<number> => (await call(port, path)).status;
    await gateway.until(async () => (await statusOf('/health/live').catch(() => 0)) === 200);
    expect(await call(port, '/health/ready')).toMatchObject({ status: 503, text: '{"status":"error"}' });
    expect(await call(port, '/actuator/health/readiness')).toMatchObject({ status: 503, text: '{"status":"DOWN"}' });
    const health = async () => (await call(port, '/health')).json<{ status: string; faults: unknown[] }>();
    await until(async () => (await health()).faults.length > 0);
    const { status, faults } = await health();
    expect([status, faults[0]]).toEqual([
      'error',
      expect.objectContaining({ file: folder, id: '*', severity: 'fault' }),
    ]);
    expect(await statusOf('/api/request/late/x')).toBe(503);
    expect(gateway.output).not.toContain('"msg":"ready"');

    const good = withChannels(aChannel('late', 'http://127.0.0.1:1', { paths: { x: { isDisabled: true } } }));
    // In one piece: a folder that is seen empty is a complete load.
    renameSync(dirname(write('late-aside/all.json', JSON.stringify(good['all.json']))), folder);
    await until(async () => (await statusOf('/health/ready')) === 200);
    expect(await statusOf('/api/request/late/x')).toBe(403);
    expect((await call(port, '/health')).json()).toEqual({ status: 'ok', faults: [] });
  });
});

describe('sluice settings', () => {
  it('prints what is in force with its source, never a secret, and ends with 0', async () => {
    write('sluice.yaml', 'server.port: 8080\nsecrets.key: whispered-by-the-file-32-bytes!!\n');
    const { code, out, err } = await ran(
      'cli/sluice.js',
      ['settings', '--config', 'sluice.yaml', '--set', 'server.host=127.0.0.1', '--set', 'server.prot=1'],
      { cwd: home, env: { SLUICE_LOG_LEVEL: 'warn', SLUICE_IDENTITY_HTTP_TOKEN: 'whispered-by-the-shell' } },
    );
    const rows = linesOf(out).map((line) => line.trimEnd().split(/ {2,}/));
    expect(rows).toContainEqual(['server.host', '127.0.0.1', '--set']);
    expect(rows).toContainEqual(['server.port', '8080', 'sluice.yaml:1']);
    expect(rows).toContainEqual(['log.level', 'warn', 'environment SLUICE_LOG_LEVEL']);
    expect(rows).toContainEqual(['data.folder', join(home, 'data'), 'default']);
    expect(rows).toContainEqual(['gateway.id', 'default', 'default']);
    expect(err).toContain('"server.prot" is unknown; did you mean server.port?');
    expect(out + err).not.toContain('whispered');
    expect(code).toBe(0);
  });
  it('tells every fault and ends with 1', async () => {
    const args = ['settings', '--set', 'server.port=x', '--set', 'log.level=y'];
    const { code, out, err } = await ran('cli/sluice.js', args, { cwd: home });
    expect(linesOf(err)).toEqual([
      '2 settings cannot be used:',
      '  server.port = "x": expected a whole number from 0 to 65535 (--set)',
      '  log.level = "y": expected trace, debug, info, warn, error or fatal (--set)',
    ]);
    expect([code, out]).toEqual([1, '']);
  });
});

describe('sluice validate', () => {
  it('tells what the compiler finds with file, line and pointer, and ends with 1', async () => {
    write('bad/channels/a.yaml', 'id: a\nsystem: nowhere\ntarget: /x\n');
    write('bad/channels/b.yaml', 'id: b\nsystem: s\n');
    write(
      'bad/systems/s.yaml',
      '- id: s\n  executor: rpc\n  parameters:\n    server.baseUrl: ftp://x\n    server.tiemout: 5\n    server.mTLS.enabled: true\n    server.secret: hush\n',
    );
    const { code, out, err } = await ran('cli/sluice.js', ['validate', 'bad'], { cwd: home });
    expect(linesOf(out)).toEqual([
      'bad/channels/a.yaml:2 /system fault channel a: there is no active system "nowhere"',
      expect.stringMatching(/^bad\/systems\/s\.yaml:4 \/parameters\/server\.baseUrl fault system s: .*http:\/\//),
      expect.stringMatching(/^bad\/systems\/s\.yaml:5 \/parameters\/server\.tiemout warning system s: /),
      expect.stringMatching(
        /^bad\/systems\/s\.yaml:6 \/parameters\/server\.mTLS\.enabled warning system s: .*not in force/,
      ),
      'bad: 2 faults, 2 warnings',
    ]);
    expect([code, err, out.includes('hush')]).toEqual([1, '', false]);
  });
  it('takes lookups as they are, and finds all else, with file and line', async () => {
    write(
      'later/systems/s.yaml',
      'id: s\nexecutor: rpc\nparameters:\n  server.baseUrl: ${{orders.url}}\n  server.timeout: -5\n',
    );
    write('later/channels/c.yaml', 'id: c\nsystem: s\npaths: { "*": { isPublic: "${{is.public}}" } }\n');
    const { code, out } = await ran('cli/sluice.js', ['validate', 'later'], { cwd: home });
    expect(linesOf(out)).toEqual([
      expect.stringMatching(/^later\/systems\/s\.yaml:5 \/parameters\/server\.timeout fault system s: /),
      'later: 1 fault, 0 warnings',
    ]);
    expect(code).toBe(1);
  });
  it('ends with 0 where there is no fault, and with 2 where there is no folder', async () => {
    write('good/systems/s.yaml', 'id: s\nexecutor: rpc\nparameters: { server.baseUrl: "http://x" }\n');
    const good = await ran('cli/sluice.js', ['validate', 'good'], { cwd: home });
    expect(good).toEqual({ code: 0, out: 'good: 0 faults, 0 warnings\n', err: '' });
    const none = await ran('cli/sluice.js', ['validate', 'none'], { cwd: home });
    expect([none.code, none.out, none.err]).toEqual([2, '', expect.stringContaining(join(home, 'none'))]);
  });
});

describe('sluice start', () => {
  it('refuses what the gateway itself refuses, with its exit code', async () => {
    const { code, err } = await ran('cli/sluice.js', ['start', '--set', 'server.port=x'], { cwd: home });
    expect(err).toContain('server.port = "x"');
    expect(code).toBe(1);
  });
});
