import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { InstanceProcess } from '../support/instances.js';
import { SteadyLoad } from '../support/steady-load.js';

const CLIENTS = 12;
const BACK_BOUND_MS = 50_000;

let instances: readonly InstanceProcess[];
let gateway: TestGateway;
let load: SteadyLoad | null = null;

beforeAll(async () => {
  instances = await Promise.all([1, 2, 3].map(() => InstanceProcess.start()));
  const parameters = {
    'server.instances': instances.map(({ address }) => address).join(', '),
    'server.timeout': 3000,
  };
  gateway = await TestGateway.start({
    settings: { 'log.requests': 'errors' },
    components: withChannels(
      aChannel('crud', 'http://orders', { executor: 'crud', parameters }),
      aChannel('rpc', 'http://orders', { executor: 'rpc', parameters }),
      aChannel('checked', 'http://orders', {
        executor: 'rpc',
        parameters: { ...parameters, 'server.health.path': '/health', 'server.health.intervalMs': 200 },
      }),
    ),
  });
}, 60_000);
afterEach(async () => {
  await load?.stop();
  load = null;
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all(instances.map((instance) => instance.kill()));
}, 60_000);

const inService = (system: string): Promise<number> =>
  gateway.metric('sluice_backend_instances', { system, state: 'in_service' });

/** Load on a channel that every instance has had its share of. */
async function underLoad(channel: string, method: 'GET' | 'POST'): Promise<SteadyLoad> {
  const before = await Promise.all(instances.map((instance) => instance.counts()));
  const started = new SteadyLoad(`${gateway.url}/api/request/${channel}/x`, method, CLIENTS);
  load = started;
  await gateway.until(async () => {
    const now = await Promise.all(instances.map((instance) => instance.counts()));
    return now.every(({ calls }, index) => calls > before[index]!.calls + 20);
  });
  return started;
}

/** So many answers more, each of a call that was begun from now on. */
async function answersFromNow(of: SteadyLoad, count: number): Promise<readonly number[]> {
  const now = performance.now();
  const later = (): typeof of.answers => of.answers.filter(({ begunMs }) => begunMs > now);
  await gateway.until(() => later().length >= count);
  return later().map(({ status }) => status);
}

describe('one of three instances that is killed under load', () => {
  it.each([
    ['crud', 'GET', 0],
    ['rpc', 'POST', CLIENTS],
  ] as const)(
    'costs %s %s at most %i calls, and is back by itself',
    async (channel, method, most) => {
      const running = await underLoad(channel, method);
      await instances[0]!.kill();
      await gateway.until(async () => (await inService(channel)) === 2);
      expect(new Set(await answersFromNow(running, 200))).toEqual(new Set([200]));
      expect(running.failed.length).toBeLessThanOrEqual(most);
      await instances[0]!.restart();
      const restartedMs = performance.now();
      await gateway.until(async () => (await inService(channel)) === 3, BACK_BOUND_MS);
      console.log(`${channel}: back in service after ${Math.round(performance.now() - restartedMs)} ms`);
      await gateway.until(async () => (await instances[0]!.counts()).calls > 20);
    },
    90_000,
  );
});

describe('one of three instances that is stopped (SIGSTOP) under load', () => {
  it('costs the calls that it had, and is back by itself', async () => {
    const running = await underLoad('rpc', 'POST');
    const { inFlight } = await instances[1]!.counts();
    instances[1]!.signal('SIGSTOP');
    try {
      await gateway.until(async () => (await inService('rpc')) === 2, BACK_BOUND_MS);
      expect(new Set(await answersFromNow(running, 200))).toEqual(new Set([200]));
      // Those that it had are lost at their timeout, and nothing after them.
      expect(running.failed.every(({ status }) => status === 504)).toBe(true);
      expect(running.failed.length).toBeLessThanOrEqual(Math.max(inFlight, CLIENTS));
    } finally {
      instances[1]!.signal('SIGCONT');
    }
    const continuedMs = performance.now();
    await gateway.until(async () => (await inService('rpc')) === 3, BACK_BOUND_MS);
    console.log(`stopped: back in service after ${Math.round(performance.now() - continuedMs)} ms`);
  }, 90_000);
});

describe('one of three instances that is slow', () => {
  it('costs no call, and gets few', async () => {
    const running = await underLoad('rpc', 'POST');
    await instances[2]!.does({ name: 'slow', ms: 1000 });
    const before = await Promise.all(instances.map((instance) => instance.counts()));
    await answersFromNow(running, 600);
    const after = await Promise.all(instances.map((instance) => instance.counts()));
    await instances[2]!.does({ name: 'well' });
    const calls = after.map((each, index) => each.calls - before[index]!.calls);
    expect(running.failed).toEqual([]);
    expect(calls[2]).toBeLessThan(calls[0]! / 3);
    expect(await inService('rpc')).toBe(3);
  }, 60_000);
});

describe('one of three instances that answers 500', () => {
  it('is taken out after five errors, and those that it has in hand', async () => {
    const running = await underLoad('rpc', 'POST');
    await instances[0]!.does({ name: 'errors' });
    await gateway.until(async () => (await inService('rpc')) === 2);
    expect(new Set(await answersFromNow(running, 200))).toEqual(new Set([200]));
    expect(running.failed.length).toBeLessThanOrEqual(5 + CLIENTS);
    await instances[0]!.does({ name: 'well' });
    await gateway.until(async () => (await inService('rpc')) === 3, BACK_BOUND_MS);
    const statuses = new Set(await answersFromNow(running, 200));
    expect(statuses).toEqual(new Set([200]));
  }, 90_000);
  it('is back with its health check, where it has one, and without a call on trial', async () => {
    const running = await underLoad('checked', 'POST');
    await instances[0]!.does({ name: 'errors' });
    await gateway.until(async () => (await inService('checked')) === 2);
    const lost = running.failed.length;
    await answersFromNow(running, 200);
    expect(running.failed.length).toBeLessThanOrEqual(Math.max(lost, CLIENTS));
    await instances[0]!.does({ name: 'well' });
    await gateway.until(async () => (await inService('checked')) === 3, BACK_BOUND_MS);
    expect(new Set(await answersFromNow(running, 200))).toEqual(new Set([200]));
  }, 90_000);
});

describe('a runner of which all instances answer 500', () => {
  it('is asked all the same: no instance is better', async () => {
    for (const instance of instances) await instance.does({ name: 'errors' });
    const before = await Promise.all(instances.map((instance) => instance.counts()));
    const running = new SteadyLoad(`${gateway.url}/api/request/rpc/x`, 'POST', CLIENTS);
    load = running;
    await gateway.until(() => running.answers.length > 200);
    const after = await Promise.all(instances.map((instance) => instance.counts()));
    expect(new Set(running.answers.map(({ status }) => status))).toEqual(new Set([502]));
    expect(after.filter(({ calls }, index) => calls > before[index]!.calls + 20).length).toBeGreaterThanOrEqual(2);
    for (const instance of instances) await instance.does({ name: 'well' });
    await gateway.until(async () => (await inService('rpc')) === 3, BACK_BOUND_MS);
  }, 90_000);
});
