import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Resolver } from 'node:dns/promises';
import { unplanned } from '../../../../test/support/an-exchange.js';
import { DnsServer } from '../../../../test/support/dns-server.js';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { anAddress, ToldInstances } from '../../../../test/support/told-instances.js';
import { until } from '../../../../test/support/until.js';
import type { InstanceSource } from '../balance/instance-source.js';
import { dnsInstances } from './dns-instances.js';
import type { DnsResolver } from './dns-lookup.js';

const HOST = 'orders.test';
const LOOK_LIMIT_MS = 10_000;

let server: DnsServer;
let clock: ManualClock;
let listener: ToldInstances;
let source: InstanceSource;

beforeEach(async () => {
  server = await DnsServer.start();
  clock = new ManualClock();
  listener = new ToldInstances();
  source = dnsInstances({ host: HOST, port: 8080, servers: [server.address] }, { clock, random: () => 1 });
});
afterEach(async () => {
  source.close();
  await server.close();
});

const told = (): ToldInstances['told'] => listener.told;
/** No look is under way: only the next one waits. */
const isIdle = (): boolean => clock.waits.length === 1 && clock.waits[0] !== LOOK_LIMIT_MS;
async function firstLook(): Promise<void> {
  source.watch(listener);
  await until(isIdle);
}
async function nextLook(): Promise<void> {
  clock.advance(clock.waits[0]!);
  await until(isIdle);
}

describe('instances by DNS', () => {
  it('are the A and AAAA records, on the port of the backend', async () => {
    server.has('A', HOST, ['10.0.0.1', '10.0.0.2']);
    server.has('AAAA', HOST, ['fd00::1']);
    await firstLook();
    expect(listener.last).toEqual(['10.0.0.1', '10.0.0.2', 'fd00::1'].map((host) => anAddress(host, { port: 8080 })));
  });
  it.each([
    [5, 5000],
    [0, 1000],
    [3600, 30_000],
  ])('are looked for again after a TTL of %i s in %i ms', async (ttl, ms) => {
    server.has('A', HOST, ['10.0.0.1'], 3600);
    server.has('AAAA', HOST, ['fd00::1'], ttl);
    await firstLook();
    expect(clock.waits).toEqual([ms]);
  });
  it('change as the records do', async () => {
    server.has('A', HOST, ['10.0.0.1']);
    await firstLook();
    server.has('A', HOST, ['10.0.0.2', '10.0.0.1']);
    await nextLook();
    server.has('A', HOST, ['10.0.0.2']);
    await nextLook();
    expect(told()).toEqual([['10.0.0.1:8080'], ['10.0.0.1:8080', '10.0.0.2:8080'], ['10.0.0.2:8080']]);
  });
  it('are asked of the server each time', async () => {
    server.has('A', HOST, ['10.0.0.1'], 3600);
    await firstLook();
    await nextLook();
    expect(server.times(`A ${HOST}`)).toBe(2);
  });
  it('vanish only once two answers say so, and return at once', async () => {
    server.has('A', HOST, ['10.0.0.1']);
    await firstLook();
    server.forget('A', HOST);
    await nextLook();
    expect(told()).toHaveLength(1);
    expect(clock.waits).toEqual([1000]);
    await nextLook();
    expect(told().at(-1)).toEqual([]);
    expect(clock.waits).toEqual([1000]);
    server.has('A', HOST, ['10.0.0.1']);
    await nextLook();
    expect(told()).toEqual([['10.0.0.1:8080'], [], ['10.0.0.1:8080']]);
  });
  it('are none from the start where nobody knows the host', async () => {
    await firstLook();
    expect(told()).toEqual([[]]);
  });
  it.each([
    ['SERVFAIL', `DNS answers SERVFAIL for ${HOST}`],
    ['REFUSED', `DNS answers REFUSED for ${HOST}`],
    ['garbage', `DNS gave an answer that cannot be read for ${HOST}`],
  ] as const)('stay as they were while the server answers %s', async (reply, reason) => {
    server.has('A', HOST, ['10.0.0.1']);
    await firstLook();
    server.does('A', HOST, reply);
    server.does('AAAA', HOST, reply);
    await nextLook();
    await nextLook();
    expect(told()).toEqual([['10.0.0.1:8080'], reason]);
    server.has('A', HOST, ['10.0.0.2']);
    server.forget('AAAA', HOST);
    await nextLook();
    expect(told().slice(2)).toEqual([['10.0.0.2:8080']]);
  });
  it('stay as they were while there is only silence', async () => {
    server.has('A', HOST, ['10.0.0.1']);
    await firstLook();
    server.does('A', HOST, 'silence');
    server.does('AAAA', HOST, 'silence');
    clock.advance(clock.waits[0]!);
    await until(() => server.times(`A ${HOST}`) >= 2);
    clock.advance(LOOK_LIMIT_MS);
    expect(told()).toEqual([['10.0.0.1:8080'], 'DNS gave no answer within 10000 ms']);
    expect(clock.waits).toEqual([250]);
    server.has('A', HOST, ['10.0.0.2']);
    server.forget('AAAA', HOST);
    await nextLook();
    expect(told().at(-1)).toEqual(['10.0.0.2:8080']);
  });
  it('come as soon as a server does that was away at first', async () => {
    const { port } = server;
    await server.close();
    await firstLook();
    expect(told()).toEqual([`DNS refuses the connection for ${HOST}`]);
    server = await DnsServer.start(port);
    server.has('A', HOST, ['10.0.0.1']);
    await nextLook();
    expect(told().at(-1)).toEqual(['10.0.0.1:8080']);
  });
});

describe('a source that is closed while DNS is asked', () => {
  it('ends the queries, and tells nothing', async () => {
    const real = new Resolver();
    real.setServers([server.address]);
    const ends: string[] = [];
    const noted = async <T>(query: Promise<T>): Promise<T> =>
      query.finally(() => query.catch((error: NodeJS.ErrnoException) => ends.push(error.code!)));
    const resolver: DnsResolver = {
      resolve4: (host, options) => noted(real.resolve4(host, options)),
      resolve6: (host, options) => noted(real.resolve6(host, options)),
      resolveSrv: unplanned,
      cancel: () => real.cancel(),
    };
    source = dnsInstances({ host: HOST, port: 1, servers: [server.address] }, { clock, resolver: () => resolver });
    server.does('A', HOST, 'silence');
    server.does('AAAA', HOST, 'silence');
    source.watch(listener);
    await until(() => server.asked.length === 2);
    source.close();
    expect(clock.waits).toEqual([]);
    await until(() => ends.length === 2);
    expect(ends).toEqual(['ECANCELLED', 'ECANCELLED']);
    expect([told(), clock.waits]).toEqual([[], []]);
  });
});

describe('a host that is an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['[::1]', '::1'],
    ['::1', '::1'],
  ])('%s needs no look', (host, expected) => {
    const literal = dnsInstances({ host, port: 1, servers: [] }, { clock, system: unplanned });
    literal.watch(listener);
    expect(listener.last).toEqual([anAddress(expected, { port: 1 })]);
    expect(clock.waits).toEqual([]);
  });
});

describe('without DNS servers of our own', () => {
  it('the system knows localhost', async () => {
    source = dnsInstances({ host: 'localhost', port: 1, servers: [] }, { clock });
    source.watch(listener);
    await until(() => told().length > 0);
    expect(listener.last).toContainEqual(anAddress('127.0.0.1', { port: 1 }));
  });
  it('what only the system knows is looked for again every 5 s', async () => {
    const code = (name: string) => async () => Promise.reject(Object.assign(new Error(), { code: name }));
    const resolver = {
      resolve4: code('ENOTFOUND'),
      resolve6: code('ENOTFOUND'),
      resolveSrv: unplanned,
      cancel: () => undefined,
    };
    const system = async () => ['192.0.2.1'];
    source = dnsInstances({ host: HOST, port: 1, servers: [] }, { clock, resolver: () => resolver, system });
    await firstLook();
    expect(told()).toEqual([['192.0.2.1:1']]);
    expect(clock.waits).toEqual([5000]);
  });
  it('a look that failed asks the servers that the system has by now', async () => {
    const away = new Resolver();
    const here = new Resolver();
    server.does('A', HOST, 'SERVFAIL');
    away.setServers([server.address]);
    const other = await DnsServer.start();
    try {
      other.has('A', HOST, ['10.0.0.1']);
      here.setServers([other.address]);
      const resolvers: DnsResolver[] = [away, here];
      const resolver = () => resolvers.shift() ?? unplanned('a third resolver');
      source = dnsInstances({ host: HOST, port: 1, servers: [] }, { clock, resolver, system: unplanned });
      await firstLook();
      await nextLook();
      await nextLook();
      expect(told()).toEqual([`DNS answers SERVFAIL for ${HOST}`, ['10.0.0.1:1']]);
    } finally {
      await other.close();
    }
  });
  it('but with some, /etc/hosts does not count', async () => {
    source = dnsInstances({ host: 'localhost', port: 1, servers: [server.address] }, { clock });
    await firstLook();
    expect(told()).toEqual([[]]);
  });
});
