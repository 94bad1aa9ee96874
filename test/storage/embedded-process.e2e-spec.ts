import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TestBackend } from '../support/backend.js';
import { call } from '../support/call.js';
import { TestGateway, type GatewaySetup } from '../support/gateway.js';
import { SCHED_OTHER, threadPriorities } from '../support/thread-priorities.js';
import { applyTo, aStoredChannel } from './control.js';

jest.setTimeout(120_000);

let data: string;
let backend: TestBackend;
const gateways: TestGateway[] = [];
beforeAll(async () => {
  backend = await TestBackend.start();
});
afterAll(() => backend.close());
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), 'sluice-data-')), 'data');
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop('SIGKILL')));
  rmSync(join(data, '..'), { recursive: true, force: true });
});

function spawned(settings: GatewaySetup['settings'] = {}): TestGateway {
  const gateway = TestGateway.spawn({
    settings: { 'config.loader.type': 'database', 'data.folder': data, ...settings },
  });
  gateways.push(gateway);
  return gateway;
}
async function started(settings: GatewaySetup['settings'] = {}): Promise<TestGateway> {
  const gateway = spawned(settings);
  await gateway.until(() => gateway.output.includes('"msg":"ready"'));
  return gateway;
}
const status = async (gateway: TestGateway, channel: string): Promise<number> =>
  (await call(gateway.port, `/api/request/${channel}/x`)).status;
const serves = (gateway: TestGateway, channel: string): Promise<void> =>
  gateway.until(async () => (await status(gateway, channel)) === 200);
const stdErr = (gateway: TestGateway): string[] =>
  gateway.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));

describe('the folder of an embedded database', () => {
  it('is refused in one line while another process uses it, which goes on', async () => {
    const first = await started();
    await applyTo(data, [aStoredChannel('a', backend.url)]);
    await serves(first, 'a');
    const second = spawned();
    expect(await second.exited()).toBe(1);
    expect(stdErr(second)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Sluice cannot start: ${join(data, 'postgres')} is in use by process ${first.child.pid} on .*another data.folder, or set database.url`,
        ),
      ),
    ]);
    expect(await status(first, 'a')).toBe(200);
    expect(await applyTo(data, [aStoredChannel('b', backend.url)])).toMatchObject({ state: 'done' });
    await serves(first, 'b');
  });
  it('is free at once when its process was stopped', async () => {
    await (await started()).stop();
    expect(existsSync(join(data, 'postgres.lock'))).toBe(false);
    await started();
  });
  describe('with a lock of another host', () => {
    function leftBehind(ageS: number): void {
      mkdirSync(data, { recursive: true });
      const lock = join(data, 'postgres.lock');
      writeFileSync(lock, JSON.stringify({ pid: 1, host: 'elsewhere', startedAt: '5' }));
      const then = Date.now() / 1000 - ageS;
      utimesSync(lock, then, then);
    }
    it('is taken over where that has not shown itself for long', async () => {
      leftBehind(3600);
      const gateway = await started();
      expect(JSON.parse(readFileSync(join(data, 'postgres.lock'), 'utf8'))).toMatchObject({ pid: gateway.child.pid });
    });
    it('is refused while that shows itself', async () => {
      leftBehind(5);
      const gateway = spawned();
      expect(await gateway.exited()).toBe(1);
      expect(stdErr(gateway)).toEqual([expect.stringContaining('is in use by process 1 on elsewhere')]);
    });
  });
});

describe('the thread of an embedded database', () => {
  it('stands behind that of the gateway, which it never keeps from a core for long', async () => {
    const { pid } = (await started()).child;
    expect(threadPriorities(pid!).filter(([nice]) => nice === '9')).toEqual([['9', SCHED_OTHER]]);
  });
});

describe('a gateway that is killed', () => {
  it('loses nothing that it acknowledged, and starts again at once', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const gateway = await started();
      for (const id of acknowledged) expect([id, await status(gateway, id)]).toEqual([id, 200]);
      let isOn = true;
      const writer = (async () => {
        for (let index = 0; isOn; index++) {
          const id = `r${round}-${index}`;
          await applyTo(data, [aStoredChannel(id, backend.url)]);
          acknowledged.push(id);
        }
      })().catch(() => undefined);
      const before = acknowledged.length;
      await gateway.until(() => acknowledged.length >= before + 5);
      await delay(Math.random() * 50);
      gateway.child.kill('SIGKILL');
      await gateway.exited();
      isOn = false;
      await writer;
      expect(existsSync(join(data, 'postgres.lock'))).toBe(true);
    }
    const last = await started();
    for (const id of acknowledged) expect([id, await status(last, id)]).toEqual([id, 200]);
  });
  it('during its very first start leaves nothing that keeps the next from starting', async () => {
    for (let round = 0; round < 4; round++) {
      rmSync(data, { recursive: true, force: true });
      const killed = spawned();
      await killed.until(() => existsSync(join(data, 'postgres.lock')));
      await delay(round * 250);
      killed.child.kill('SIGKILL');
      await killed.exited();
      const next = await started();
      await next.stop();
    }
  });
});

describe('a wrong key', () => {
  const withKey = (letter: string): GatewaySetup['settings'] => ({ 'secrets.key': letter.repeat(32) });

  it('stops the start with the reason, in one line and without a stack trace', async () => {
    await (await started(withKey('a'))).stop();
    const gateway = spawned(withKey('b'));
    expect(await gateway.exited()).toBe(1);
    expect(stdErr(gateway)).toEqual([
      expect.stringMatching(
        /^Sluice cannot start: The database holds secrets that were sealed with the key .*secrets\.key\.previous/,
      ),
    ]);
    expect(gateway.output).not.toMatch(/^\s+at /m);
    await started({ ...withKey('b'), 'secrets.key.previous': 'a'.repeat(32) });
  });
});

describe('the samples', () => {
  it('are seeded into an empty database, and never again once they were deleted', async () => {
    const demo = { 'demo.enabled': 'true' };
    const first = await started(demo);
    expect(first.output).toContain('the sample components were written into the database');
    const outcome = await applyTo(data, [aStoredChannel('mine', backend.url)], { prune: true });
    expect(outcome).toMatchObject({ state: 'done', unchanged: 0 });
    await first.stop();
    const second = await started(demo);
    expect(second.output).not.toContain('the sample components were written');
    await serves(second, 'mine');
    expect(await status(second, 'todo_crud')).toBe(404);
    await second.stop();
  });
  it('are not seeded where nobody asks for them', async () => {
    const gateway = await started();
    expect(await status(gateway, 'todo_crud')).toBe(404);
  });
});
