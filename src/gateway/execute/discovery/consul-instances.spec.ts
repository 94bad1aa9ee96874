import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anEntry, FakeConsul } from '../../../../test/support/fake-consul.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { anAddress, ToldInstances } from '../../../../test/support/told-instances.js';
import { until } from '../../../../test/support/until.js';
import { ConsulInstances, type ConsulInstancesOptions } from './consul-instances.js';

/** 20 s, the sixteenth that Consul adds, and 10 s for the answer. */
const LOOK_LIMIT_MS = 31_250;
/** Of a question that waits for no change. */
const FRESH_LIMIT_MS = 10_000;
const QUERY = '/v1/health/service/orders?passing=1';

let consul: FakeConsul;
let clock: ManualClock;
let listener: ToldInstances;
let source: ConsulInstances;

const sourceWith = (given: Partial<ConsulInstancesOptions> = {}): ConsulInstances =>
  new ConsulInstances({ address: consul.url, token: null, service: 'orders', ...given }, { clock, random: () => 1 });

beforeEach(async () => {
  consul = await FakeConsul.start();
  clock = new ManualClock();
  listener = new ToldInstances();
  source = sourceWith();
});
afterEach(async () => {
  source.close();
  if (consul.server.listening) await consul.close();
});

const told = (): ToldInstances['told'] => listener.told;
const lastAsked = (): string => consul.asked.at(-1)!;
/** No look is under way: only the next one waits. */
const isIdle = (): boolean =>
  clock.waits.length === 1 && clock.waits[0]! <= 30_000 && clock.waits[0] !== FRESH_LIMIT_MS;
async function firstLook(): Promise<void> {
  source.watch(listener);
  await until(isIdle);
}
/** Begins the next look, and waits for its answer. */
async function nextLook(): Promise<void> {
  clock.advance(clock.waits[0]!);
  await until(isIdle);
}
/** Begins the next look, which waits at Consul for a change. */
async function nextWait(): Promise<void> {
  clock.advance(clock.waits[0]!);
  await until(() => consul.waiting.size === 1);
}

describe('instances by Consul', () => {
  it('are those that pass, with their weights', async () => {
    consul.has('orders', [anEntry('10.0.0.1', 81, { Weights: { Passing: 3 } }), anEntry('', 82)]);
    await firstLook();
    expect(listener.last).toEqual([
      anAddress('10.0.0.1', { port: 81, weight: 3 }),
      anAddress('10.9.9.9', { port: 82 }),
    ]);
    expect(consul.asked).toEqual([`${QUERY}&index=0&wait=20s`]);
  });
  it('come and go as soon as Consul knows it, over one connection', async () => {
    consul.has('orders', [anEntry('a')]);
    await firstLook();
    await nextWait();
    expect(lastAsked()).toBe(`${QUERY}&index=11&wait=20s`);
    consul.has('orders', [anEntry('a'), anEntry('b')]);
    await until(() => told().length === 2);
    await nextWait();
    consul.has('orders', [anEntry('b')]);
    await until(() => told().length === 3);
    expect(told()).toEqual([['a:80'], ['a:80', 'b:80'], ['b:80']]);
    expect(consul.connections).toBe(1);
  });
  it('are asked for below the path of the address, and by a name that is escaped', async () => {
    source = sourceWith({ address: `${consul.url}/consul`, service: 'a/b ü' });
    consul.has('a/b ü', [anEntry('a')]);
    await firstLook();
    expect(told()).toEqual([['a:80']]);
    expect(lastAsked()).toContain('/consul/v1/health/service/a%2Fb%20%C3%BC?');
  });
  it('vanish only once a second answer, of now, says so', async () => {
    consul.has('orders', [anEntry('a')]);
    await firstLook();
    await nextWait();
    consul.has('orders', []);
    await until(isIdle);
    expect(told()).toEqual([['a:80']]);
    expect(clock.waits).toEqual([1000]);
    await nextLook();
    expect(lastAsked()).toBe(`${QUERY}&index=0&wait=20s`);
    expect(told()).toEqual([['a:80'], []]);
    await nextWait();
    consul.has('orders', [anEntry('a')]);
    await until(() => told().length === 3);
    expect(told().at(-1)).toEqual(['a:80']);
  });
  it('are none from the start for a service that Consul does not know', async () => {
    await firstLook();
    expect(told()).toEqual([[]]);
  });
});

describe('the index of Consul', () => {
  beforeEach(() => consul.has('orders', [anEntry('a')]));

  it('is left out once it went back', async () => {
    await firstLook();
    consul.index = 5;
    consul.isHasty = true;
    await nextLook();
    expect(lastAsked()).toContain('index=11&');
    await nextLook();
    expect(lastAsked()).toContain('index=0&');
    await nextLook();
    expect(lastAsked()).toContain('index=5&');
    expect(told()).toEqual([['a:80']]);
  });
  it('is not waited at where there is none', async () => {
    consul.sendsIndex = false;
    await firstLook();
    await nextLook();
    expect(consul.asked.map((url) => /index=(\d+)/.exec(url)![1])).toEqual(['0', '0']);
  });
});

describe('a Consul that answers at once all the time', () => {
  it('is asked at most once a second while nothing changes', async () => {
    consul.isHasty = true;
    await firstLook();
    await nextLook();
    expect(clock.waits).toEqual([1000]);
    consul.has('orders', [anEntry('a')]);
    await nextLook();
    expect(clock.waits).toEqual([100]);
  });
  it('is asked again at once where it took longer than that', async () => {
    await firstLook();
    await nextWait();
    clock.advance(15_000);
    consul.wake();
    await until(() => clock.waits.length === 1 && clock.waits[0] === 0);
    await nextWait();
    expect(consul.asked).toHaveLength(3);
  });
});

describe('the token of Consul', () => {
  beforeEach(() => {
    consul.token = 'hunter2';
    consul.has('orders', [anEntry('a')]);
  });

  it('goes with each question', async () => {
    source = sourceWith({ token: 'hunter2' });
    await firstLook();
    expect(told()).toEqual([['a:80']]);
  });
  it.each([null, 'hunter3'])('%j, which may not read, is told without it', async (token) => {
    source = sourceWith({ token });
    await firstLook();
    expect(told()).toEqual([`Consul at ${consul.url} answers 403: discovery.consul.token may not read this service`]);
  });
});

describe('a Consul that fails', () => {
  beforeEach(async () => {
    consul.has('orders', [anEntry('a')]);
    await firstLook();
  });

  it.each([
    ['error', 'answers 500, not 200'],
    ['html', 'answers HTML, not JSON'],
    ['half', 'broke the connection off'],
    ['drop', 'broke the connection off'],
    ['huge', 'answers more than 8388608 bytes'],
  ] as const)('by %s takes nothing away, and is told once until it answers', async (fault, reason) => {
    consul.fault = fault;
    await nextLook();
    expect(clock.waits).toEqual([1000]);
    await nextLook();
    expect(clock.waits).toEqual([2000]);
    consul.fault = null;
    consul.has('orders', [anEntry('b')]);
    await nextLook();
    expect(told()).toEqual([['a:80'], `Consul at ${consul.url} ${reason}`, ['b:80']]);
  });
  it('is asked for an answer of now afterwards, which does not wait for a change', async () => {
    consul.fault = 'error';
    await nextLook();
    consul.fault = null;
    await nextLook();
    expect(lastAsked()).toContain('index=0&');
    consul.fault = 'error';
    await nextLook();
    expect(told()).toHaveLength(3);
  });
  it('by silence is left after the wait and what Consul may add to it', async () => {
    consul.fault = 'hang';
    clock.advance(clock.waits[0]!);
    await until(() => consul.asked.length === 2);
    expect(clock.waits).toEqual([LOOK_LIMIT_MS]);
    clock.advance(LOOK_LIMIT_MS);
    expect(told().at(-1)).toBe(`Consul at ${consul.url} gave no answer within ${LOOK_LIMIT_MS} ms`);
    await until(() => consul.aborted === 1);
    consul.fault = null;
    consul.has('orders', [anEntry('b')]);
    await nextLook();
    expect(told().at(-1)).toEqual(['b:80']);
  });
  it('by silence again is left sooner: there is nothing to wait for', async () => {
    consul.fault = 'hang';
    clock.advance(clock.waits[0]!);
    await until(() => consul.asked.length === 2);
    clock.advance(LOOK_LIMIT_MS);
    clock.advance(clock.waits[0]!);
    await until(() => consul.asked.length === 3);
    expect([lastAsked(), clock.waits]).toEqual([expect.stringContaining('index=0&'), [FRESH_LIMIT_MS]]);
    clock.advance(FRESH_LIMIT_MS);
    expect(told()).toEqual([['a:80'], `Consul at ${consul.url} gave no answer within ${LOOK_LIMIT_MS} ms`]);
    await until(() => consul.aborted === 2);
  });
  it('by instances without ports takes nothing away', async () => {
    consul.isHasty = true;
    consul.body = JSON.stringify([anEntry('b', null)]);
    await nextLook();
    expect(told()).toEqual([
      ['a:80'],
      `Consul at ${consul.url} lists instances of which none has both an address and a port`,
    ]);
  });
});

describe('a Consul that is away at first', () => {
  it('is asked ever more seldom, and told once; it counts as soon as it comes', async () => {
    const { port, url } = consul;
    await consul.close();
    await firstLook();
    const waits = [clock.waits[0]];
    for (let failures = 1; failures < 7; failures++) {
      await nextLook();
      waits.push(clock.waits[0]);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(told()).toEqual([`Consul at ${url} refuses the connection`]);
    consul = await FakeConsul.start(port);
    consul.has('orders', [anEntry('a')]);
    await nextLook();
    expect(told().at(-1)).toEqual(['a:80']);
  });
});

describe('a Consul that says nothing from the beginning', () => {
  it('is told of after 10 s, and counts as soon as it speaks', async () => {
    consul.fault = 'hang';
    source.watch(listener);
    await until(() => consul.asked.length === 1);
    expect(clock.waits).toEqual([FRESH_LIMIT_MS]);
    clock.advance(FRESH_LIMIT_MS);
    expect(told()).toEqual([`Consul at ${consul.url} gave no answer within ${FRESH_LIMIT_MS} ms`]);
    consul.fault = null;
    consul.has('orders', [anEntry('a')]);
    await nextLook();
    expect(told().at(-1)).toEqual(['a:80']);
  });
});

describe('a source that is closed while Consul is asked', () => {
  it('cuts the query off, and tells nothing any more', async () => {
    consul.has('orders', [anEntry('a')]);
    await firstLook();
    await nextWait();
    source.close();
    expect(clock.waits).toEqual([]);
    await until(() => consul.aborted === 1);
    consul.has('orders', [anEntry('b')]);
    expect(told()).toEqual([['a:80']]);
  });
  it('leaves no connection behind, also between two questions', async () => {
    await firstLook();
    const connections = (): Promise<number> =>
      new Promise((resolve) => consul.server.getConnections((_, count) => resolve(count)));
    expect(await connections()).toBe(1);
    source.close();
    await until(async () => (await connections()) === 0);
  });
  it('may be closed before it was watched, or twice', () => {
    source.close();
    source.close();
    source.watch(listener);
    expect([consul.connections, clock.waits]).toEqual([0, []]);
  });
});
