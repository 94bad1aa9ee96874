import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestBackend } from '../support/backend.js';
import { call } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { anEntry, FakeConsul } from '../support/fake-consul.js';
import { TestGateway } from '../support/gateway.js';

const QUESTION_MS = 10_000;
const WAIT_MS = 32_000;
const SPARE_MS = 15_000;
let backend: TestBackend;
let consul: FakeConsul;
/** Knew the instances before, and came when nothing was said any more. */
let early: TestGateway;
let late: TestGateway;

const start = (): Promise<TestGateway> =>
  TestGateway.start({
    settings: { 'log.requests': 'none', 'discovery.consul.address': consul.url },
    components: withChannels(aChannel('orders', 'http://orders', { parameters: { 'server.balanced': 'true' } })),
  });

/**
 * A Consul that takes connections and questions, and says nothing: found out in bounded time (docs/balancing.md). It hangs from the
 * beginning of the file that calls this on, so that half a minute of waiting goes by beside its other tests.
 */
export function hangConsul(): void {
  beforeAll(async () => {
    [backend, consul] = await Promise.all([TestBackend.start(), FakeConsul.start()]);
    consul.has('orders', [anEntry('127.0.0.1', backend.port)]);
    early = await start();
    await early.until(() => consul.waiting.size === 1);
    consul.fault = 'hang';
    // What waits for a change is woken, and hears nothing either.
    consul.wake();
    late = await start();
  }, 60_000);
  afterAll(async () => {
    await Promise.all([early.stop(), late.stop()]);
    await Promise.all([backend.close(), consul.close()]);
  }, 60_000);
}

const status = async (gateway: TestGateway): Promise<number> =>
  (await call(gateway.port, '/api/request/orders/x')).status;
const up = (gateway: TestGateway): Promise<number> =>
  gateway.metric('sluice_backend_discovery_up', { system: 'orders' });
const warned = (gateway: TestGateway): string[] =>
  gateway.lines.flatMap(({ level, reason }) => (level === 40 && typeof reason === 'string' ? [reason] : []));

/** The last of the file's tests. */
export function describeHangingConsul(): void {
  describe('a Consul that hangs', () => {
    it('is told of after 10 s where it never answered, and there is no instance', async () => {
      await late.until(async () => (await up(late)) === 0, QUESTION_MS + SPARE_MS);
      expect(await status(late)).toBe(503);
      await late.until(() => warned(late).some((reason) => reason.endsWith(`gave no answer within ${QUESTION_MS} ms`)));
    }, 90_000);
    it('takes no instance away that is known, and is told of once its wait is over', async () => {
      expect(await status(early)).toBe(200);
      await early.until(async () => (await up(early)) === 0, WAIT_MS + SPARE_MS);
      expect(await status(early)).toBe(200);
      const { backends } = (await early.health()) as unknown as { backends: object[] };
      expect(backends).toMatchObject([{ system: 'orders', discoveryUp: false, inService: 1 }]);
      await early.until(() => warned(early).some((reason) => reason.endsWith('gave no answer within 31250 ms')));
      // Each question was given up, none is left behind.
      expect(consul.asked.length - consul.aborted).toBeLessThanOrEqual(4);
    }, 90_000);
    it('is believed again as soon as it speaks, by both', async () => {
      consul.fault = null;
      consul.has('orders', [anEntry('127.0.0.1', backend.port)]);
      for (const gateway of [early, late]) {
        await gateway.until(async () => (await up(gateway)) === 1, QUESTION_MS + 30_000);
        expect(await status(gateway)).toBe(200);
      }
    }, 90_000);
  });
}
