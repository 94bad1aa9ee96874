import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { type Ended, ran } from './program.js';

jest.setTimeout(120_000);

const home = mkdtempSync(join(tmpdir(), 'sluice-control-'));
let gateway: TestGateway;
beforeAll(
  async () =>
    void (gateway = await TestGateway.start({
      settings: {
        'config.loader.type': 'database',
        'id.instanceNum.class': 'com.rierino.MongoNumberGenerator',
        'gateway.requestIdHeaderOn': 'always',
        'gateway.refreshMs': -1,
      },
    })),
);
afterAll(async () => {
  await gateway.stop();
  rmSync(home, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A command beside the gateway, with its data.folder. */
function sluice(...args: string[]): Promise<Ended> {
  return ran('cli/sluice.js', [...args, '--set', `data.folder=${join(gateway.home, 'data')}`], { cwd: home });
}
const statusOf = async (path: string): Promise<number> => (await fetch(`${gateway.url}${path}`)).status;

describe('components that are brought into the database of a running gateway', () => {
  it('are in force at once, are shown and dumped without secrets, and differ no more', async () => {
    write('one/systems/s.yaml', 'id: s\nexecutor: local\nparameters: { runner: sample, server.secret: whispered }\n');
    write('one/channels/c.yaml', 'id: c\nsystem: s\npaths: { "*": { isPublic: true } }\n');
    expect(await statusOf('/api/request/c/Hello')).toBe(404);
    expect((await sluice('diff', 'one')).code).toBe(1);
    const applied = await sluice('apply', 'one');
    expect([applied.code, applied.err]).toEqual([0, '']);
    expect(await statusOf('/api/request/c/Hello')).toBe(200);
    expect((await sluice('diff', 'one')).code).toBe(0);
    const [shown, dumped] = [await sluice('show', 'system', 's'), await sluice('dump')];
    for (const { code, out } of [shown, dumped]) {
      expect([code, out.includes('********'), out.includes('whispered')]).toEqual([0, true, false]);
    }
    // What was dumped can be brought in again: masks keep what is stored.
    write('dumped.yaml', dumped.out);
    expect((await sluice('diff', 'dumped.yaml')).code).toBe(0);
  });
  it('with a fault are refused as a whole', async () => {
    write('bad/channels/d.yaml', 'id: d\nsystem: s\npaths: { "*": { isPublic: true } }\n');
    write('bad/channels/e.yaml', 'id: e\nsystem: s\npaths: { "*": { isPublic: maybe } }\n');
    const { code, out, err } = await sluice('apply', 'bad');
    expect([code, (out + err).includes('/paths/*/isPublic')]).toEqual([1, true]);
    expect(await statusOf('/api/request/d/Hello')).toBe(404);
  });
  it('go where --prune says so', async () => {
    write('two/systems/s.yaml', 'id: s\nexecutor: local\nparameters: { runner: sample }\n');
    write('two/channels/f.yaml', 'id: f\nsystem: s\npaths: { "*": { isPublic: true } }\n');
    expect((await sluice('apply', 'two', '--prune', '--yes')).code).toBe(0);
    expect([await statusOf('/api/request/c/Hello'), await statusOf('/api/request/f/Hello')]).toEqual([404, 200]);
  });
});

describe('a refresh', () => {
  it('is asked for by the command line, and tells what is in force', async () => {
    const { code, out } = await sluice('refresh', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { components: { channel: 1, system: 1 }, findings: expect.any(Array) },
    ]);
  });
  it('is asked for by SIGHUP', async () => {
    const loads = await gateway.metric('sluice_config_loads_total', { result: 'good' });
    gateway.child.kill('SIGHUP');
    await until(async () => (await gateway.metric('sluice_config_loads_total', { result: 'good' })) > loads);
  });
});

describe('id.instanceNum.class sequence, under its name in the original', () => {
  it('numbers the process by the database', async () => {
    const answer = await fetch(`${gateway.url}/api/request/nowhere/x`);
    expect(answer.headers.get('x-request-id')).toMatch(/^default-1-\d+$/);
  });
});

describe('the control socket', () => {
  it('is for the user of the gateway alone', async () => {
    const socket = join(gateway.home, 'data/control.sock');
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });
});

describe('without a running gateway', () => {
  it('commands open the embedded database themselves', async () => {
    const folder = join(home, 'alone');
    write('three/channels/g.yaml', 'id: g\nexecutor: local\nparameters: { runner: sample }\n');
    const args = ['--set', `data.folder=${folder}`];
    const applied = await ran('cli/sluice.js', ['apply', 'three', ...args], { cwd: home });
    expect([applied.code, applied.err]).toEqual([0, '']);
    const dumped = await ran('cli/sluice.js', ['dump', ...args], { cwd: home });
    expect([dumped.code, dumped.out.includes('id: g')]).toEqual([0, true]);
    const refreshed = await ran('cli/sluice.js', ['refresh', ...args], { cwd: home });
    expect([refreshed.code, refreshed.out]).toEqual([1, '']);
    expect(refreshed.err).toMatch(/no gateway/i);
  });
});

describe('a gateway whose source is away, without a snapshot', () => {
  it('is not ready, answers 503, and can be asked by the command line all the same', async () => {
    const waiting = TestGateway.spawn({
      settings: { 'config.loader.type': 'rest', 'config.loader.baseUrl': 'http://127.0.0.1:9', 'gateway.id': 'waits' },
    });
    try {
      let refreshed: Ended = { code: null, out: '', err: '' };
      await until(async () => {
        const args = ['refresh', '--set', `data.folder=${join(waiting.home, 'data')}`];
        refreshed = await ran('cli/sluice.js', args, { cwd: home });
        return !/no gateway/i.test(refreshed.err);
      });
      expect(refreshed.code).toBe(1);
      expect(refreshed.out).toContain('127.0.0.1:9');
    } finally {
      await waiting.stop();
    }
  });
});
