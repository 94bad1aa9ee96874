import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DnsServer } from '../../../../test/support/dns-server.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { anAddress, ToldInstances } from '../../../../test/support/told-instances.js';
import { until } from '../../../../test/support/until.js';
import type { InstanceSource } from '../balance/instance-source.js';
import { srvInstances } from './srv-instances.js';

const NAME = '_http._tcp.orders.test';
const LOOK_LIMIT_MS = 10_000;

let server: DnsServer;
let clock: ManualClock;
let listener: ToldInstances;
let source: InstanceSource;

const sourceWith = (intervalMs: number): InstanceSource =>
  srvInstances({ host: NAME, servers: [server.address], intervalMs }, { clock, random: () => 1 });

beforeEach(async () => {
  server = await DnsServer.start();
  clock = new ManualClock();
  listener = new ToldInstances();
  source = sourceWith(7000);
});
afterEach(async () => {
  source.close();
  await server.close();
});

const told = (): ToldInstances['told'] => listener.told;
const isIdle = (): boolean => clock.waits.length === 1 && clock.waits[0] !== LOOK_LIMIT_MS;
async function firstLook(): Promise<void> {
  source.watch(listener);
  await until(isIdle);
}
async function nextLook(): Promise<void> {
  clock.advance(clock.waits[0]!);
  await until(isIdle);
}

describe('instances by SRV records', () => {
  it('are the addresses of their targets, with port, priority and weight of the record', async () => {
    server.hasServices(NAME, [
      { target: 'a.test', port: 81, priority: 1, weight: 5 },
      { target: 'b.test', port: 82, priority: 2, weight: 0 },
    ]);
    server.has('A', 'a.test', ['10.0.0.1', '10.0.0.2']);
    server.has('AAAA', 'b.test', ['fd00::1']);
    await firstLook();
    expect(listener.last).toEqual(
      expect.arrayContaining([
        anAddress('10.0.0.1', { port: 81, priority: 1, weight: 5 }),
        anAddress('10.0.0.2', { port: 81, priority: 1, weight: 5 }),
        anAddress('fd00::1', { port: 82, priority: 2, weight: 1 }),
      ]),
    );
    expect(listener.last).toHaveLength(3);
  });
  it('ask once for a target of several ports', async () => {
    server.hasServices(NAME, [
      { target: 'a.test', port: 81 },
      { target: 'a.test', port: 82 },
    ]);
    server.has('A', 'a.test', ['10.0.0.1']);
    await firstLook();
    expect(told()).toEqual([['10.0.0.1:81', '10.0.0.1:82']]);
    expect(server.times('A a.test')).toBe(1);
  });
  it('are none for the target that says so', async () => {
    server.hasServices(NAME, [{ target: '.', port: 80 }]);
    await firstLook();
    expect(told()).toEqual([[]]);
    expect(server.asked).toEqual([`SRV ${NAME}`]);
  });
  it.each([
    [7000, 7000],
    [1, 1000],
    [3_600_000, 30_000],
  ])('with an interval of %i ms are looked for again in %i ms', async (intervalMs, ms) => {
    source = sourceWith(intervalMs);
    server.hasServices(NAME, [{ target: 'a.test', port: 81 }]);
    server.has('A', 'a.test', ['10.0.0.1']);
    await firstLook();
    expect(clock.waits).toEqual([ms]);
  });
  it('change with the records, and with the addresses of a target', async () => {
    server.hasServices(NAME, [{ target: 'a.test', port: 81 }]);
    server.has('A', 'a.test', ['10.0.0.1']);
    await firstLook();
    server.has('A', 'a.test', ['10.0.0.2']);
    await nextLook();
    server.hasServices(NAME, [{ target: 'a.test', port: 81, weight: 7 }]);
    await nextLook();
    expect(told()).toEqual([['10.0.0.1:81'], ['10.0.0.2:81'], ['10.0.0.2:81']]);
    expect(listener.last[0]!.weight).toBe(7);
  });
  it('vanish once two answers say so', async () => {
    server.hasServices(NAME, [{ target: 'a.test', port: 81 }]);
    server.has('A', 'a.test', ['10.0.0.1']);
    await firstLook();
    server.forget('SRV', NAME);
    await nextLook();
    expect(told()).toHaveLength(1);
    await nextLook();
    expect(told()).toEqual([['10.0.0.1:81'], []]);
  });
  it('stay as they were while the records cannot be had', async () => {
    server.hasServices(NAME, [{ target: 'a.test', port: 81 }]);
    server.has('A', 'a.test', ['10.0.0.1']);
    await firstLook();
    server.does('SRV', NAME, 'SERVFAIL');
    await nextLook();
    await nextLook();
    expect(told()).toEqual([['10.0.0.1:81'], `DNS answers SERVFAIL for ${NAME}`]);
  });
});

describe('a target of SRV records that cannot be looked up', () => {
  beforeEach(() => {
    server.hasServices(NAME, [
      { target: 'a.test', port: 81 },
      { target: 'b.test', port: 82 },
    ]);
    server.has('A', 'a.test', ['10.0.0.1']);
    server.has('A', 'b.test', ['10.0.0.2']);
  });
  const fails = (target: string): void => {
    server.does('A', target, 'SERVFAIL');
    server.does('AAAA', target, 'SERVFAIL');
  };

  it('keeps what it had, beside others that change', async () => {
    await firstLook();
    fails('b.test');
    server.has('A', 'a.test', ['10.0.0.9']);
    await nextLook();
    expect(told().at(-1)).toEqual(['10.0.0.2:82', '10.0.0.9:81']);
  });
  it('has nothing where nothing was known of it', async () => {
    fails('b.test');
    await firstLook();
    expect(told()).toEqual([['10.0.0.1:81']]);
  });
  it('has nothing where it was gone meanwhile', async () => {
    await firstLook();
    server.hasServices(NAME, [{ target: 'a.test', port: 81 }]);
    await nextLook();
    server.hasServices(NAME, [
      { target: 'a.test', port: 81 },
      { target: 'b.test', port: 82 },
    ]);
    fails('b.test');
    await nextLook();
    expect(told().at(-1)).toEqual(['10.0.0.1:81']);
  });
  it('is a failed look where no other has an address', async () => {
    fails('b.test');
    server.forget('A', 'a.test');
    await firstLook();
    expect(told()).toEqual(['DNS answers SERVFAIL for b.test']);
  });
  it('is left out where it does not exist', async () => {
    await firstLook();
    server.forget('A', 'b.test');
    await nextLook();
    expect(told().at(-1)).toEqual(['10.0.0.1:81']);
  });
});

describe('a source of SRV records that is closed', () => {
  it('asks for no further target', async () => {
    const targets = Array.from({ length: 60 }, (_, index) => `t${index}.test`);
    server.hasServices(
      NAME,
      targets.map((target) => ({ target, port: 80 })),
    );
    for (const target of targets) server.does('A', target, 'silence');
    source.watch(listener);
    await until(() => server.times('A t0.test') === 1);
    source.close();
    // A question of another resolver, answered after any that the closed one might have sent meanwhile.
    const other = srvInstances({ host: NAME, servers: [server.address] }, { clock: new ManualClock() });
    other.watch(new ToldInstances());
    await until(() => server.times(`SRV ${NAME}`) === 2);
    other.close();
    expect(server.times('A t59.test')).toBe(0);
    expect(told()).toEqual([]);
  });
});
