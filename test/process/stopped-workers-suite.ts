import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HeldCalls, TestBackend, echoEvent } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';

interface Status {
  readonly pid: number;
  readonly state: string;
  readonly restarts: number;
}

/** What became of two workers: one is stopped and goes on, then the other is stopped for good. */
interface Story {
  readonly paused: Status;
  readonly figuresMeanwhile: string;
  readonly servedMeanwhile: readonly number[];
  readonly resumed: Status;
  readonly stopped: Status;
  readonly successor: Status;
  readonly outcomes: readonly string[];
  readonly hangs: number;
}

const PAUSED = 0;
const STOPPED = 1;
const held = new HeldCalls();
let backend: TestBackend;
let gateway: TestGateway;
let story: Promise<Story>;

/** One connection may be handed to a worker that is stopped, and waits there: of two, one is answered. */
const either = (path: string): Promise<CallAnswer> => Promise.any([1, 2].map(() => call(gateway.port, path)));
const seen = async (slot: number): Promise<Status> =>
  (await either('/health')).json<{ workers: readonly Status[] }>().workers[slot]!;

async function paused(): Promise<Pick<Story, 'paused' | 'figuresMeanwhile' | 'servedMeanwhile' | 'resumed'>> {
  const before = await seen(PAUSED);
  process.kill(before.pid, 'SIGSTOP');
  await until(async () => (await seen(PAUSED)).state === 'silent');
  const figuresMeanwhile = (await either('/metrics')).text;
  const servedMeanwhile: number[] = [];
  for (let count = 0; count < 5; count++) servedMeanwhile.push((await either('/api/request/rpc/x')).status);
  process.kill(before.pid, 'SIGCONT');
  await until(async () => (await seen(PAUSED)).state === 'ready');
  return { paused: before, figuresMeanwhile, servedMeanwhile, resumed: await seen(PAUSED) };
}

async function stopped(): Promise<Pick<Story, 'stopped' | 'successor' | 'outcomes' | 'hangs'>> {
  const calls = Array.from({ length: 4 }, () =>
    call(gateway.port, '/api/request/rpc/held').then(
      () => 'answered',
      () => 'broke',
    ),
  );
  await until(() => held.held.length === 4);
  const before = await seen(STOPPED);
  process.kill(before.pid, 'SIGSTOP');
  const replaced = async (): Promise<boolean> => {
    const { restarts, state } = await seen(STOPPED);
    return restarts === 1 && state === 'ready';
  };
  await until(replaced, 60_000);
  held.release();
  const hangs = await gateway.metric('sluice_worker_restarts_total', { reason: 'hang' });
  return { stopped: before, successor: await seen(STOPPED), outcomes: await Promise.all(calls), hangs };
}

/** From the beginning of the file that calls this on: half a minute of waiting goes by beside its other tests. */
export function stopWorkers(): void {
  beforeAll(async () => {
    backend = await TestBackend.start((request, response) =>
      (request.url.includes('/held') ? held.handler : echoEvent)(request, response),
    );
    gateway = TestGateway.spawn({
      components: withChannels(aChannel('rpc', backend.url)),
      settings: { 'server.workers': 2, 'database.url': 'postgres://127.0.0.1:1/none' },
    });
    await gateway.until(() => gateway.output.includes('"msg":"all workers are ready"'), 50_000);
    story = paused().then(async (first) => ({ ...first, ...(await stopped()) }));
    story.catch(() => undefined);
  }, 60_000);
  afterAll(async () => {
    await gateway.stop();
    await backend.close();
  }, 60_000);
}

/** The last of the file's tests. */
export function describeStoppedWorkers(): void {
  describe('a worker that is stopped', () => {
    it('is silent in health and does not count as ready, while others serve, and is ready again once it goes on', async () => {
      const { paused: before, resumed, figuresMeanwhile, servedMeanwhile } = await story;
      expect(figuresMeanwhile).toMatch(/^sluice_workers_ready\{.*\} 1$/m);
      expect(servedMeanwhile).toEqual([200, 200, 200, 200, 200]);
      expect(resumed).toMatchObject({ pid: before.pid, restarts: 0 });
      const lines = gateway.lines.filter(({ worker, pid }) => worker === PAUSED && pid === before.pid);
      expect(lines).toContainEqual(
        expect.objectContaining({ level: 40, msg: 'a worker gives no sign: it does not count as ready' }),
      );
      expect(lines).toContainEqual(expect.objectContaining({ level: 30, msg: 'a worker answers again' }));
    }, 120_000);
    it('is killed 20 s after its last sign, and replaced; what it had breaks', async () => {
      const { stopped: before, successor, outcomes, hangs } = await story;
      expect(successor.pid).not.toBe(before.pid);
      expect(() => process.kill(before.pid, 0)).toThrow('ESRCH');
      expect(new Set(outcomes)).toEqual(new Set(['answered', 'broke']));
      expect(hangs).toBe(1);
      const [silent, ended] = ['a worker gives no sign: it does not count as ready', 'a worker has ended'].map((msg) =>
        gateway.lines.find((line) => line.msg === msg && line.pid === before.pid),
      );
      const betweenMs = Number(ended!.time) - Number(silent!.time);
      expect(ended).toMatchObject({ reason: 'hang', worker: STOPPED });
      // 6 s after its last sign, and 20 s.
      expect(betweenMs).toBeGreaterThan(10_000);
      expect(betweenMs).toBeLessThan(25_000);
    }, 120_000);
  });
}
