import { describe, expect, it } from '@jest/globals';
import { unplanned } from '../../../../test/support/an-exchange.js';
import { Balancer, SILENT_EVENTS } from './balancer.js';
import { Instance } from './instance.js';
import type { InstanceAddress } from './instance-source.js';

const anAddress = (host: string, more: Partial<InstanceAddress> = {}): InstanceAddress => ({
  ...{ host, port: 80, weight: 1, priority: 0 },
  ...more,
});

function someInstances(
  addresses: readonly (InstanceAddress | string)[],
  { maxPending = 1000, triesCalls = true, servesAlways = false } = {},
) {
  const clock = { now: 0 };
  const told: string[] = [];
  const closed: string[] = [];
  const make = (address: InstanceAddress): Instance => {
    const instance = new Instance(address, `http://${address.host}`, () => unplanned('a connection'));
    instance.close = async () => void closed.push(address.host);
    return instance;
  };
  const events = {
    ...SILENT_EVENTS,
    takenOut: ({ address }: Instance, reason: string) => void told.push(`${address.host} out: ${reason}`),
    backInService: ({ address }: Instance) => void told.push(`${address.host} back`),
    discoveryFailed: (reason: string) => void told.push(`failed: ${reason}`),
    discoveryBack: () => void told.push('found again'),
    changed: (count: number) => void told.push(`${count} instances`),
  };
  const balancer = new Balancer({ make, events, now: () => clock.now, maxPending, triesCalls, servesAlways });
  balancer.found(addresses.map((each) => (typeof each === 'string' ? anAddress(each) : each)));
  const named = (host: string): Instance => balancer.instances.find(({ address }) => address.host === host)!;
  /** The hosts of the next calls, none of which ends. */
  const next = (count: number): string[] =>
    Array.from({ length: count }, () => {
      const instance = balancer.choose(null);
      if (instance === null) return 'none';
      instance.pending++;
      return instance.address.host;
    });
  const shares = (count: number): Record<string, number> => {
    const calls: Record<string, number> = {};
    for (const host of next(count)) calls[host] = (calls[host] ?? 0) + 1;
    return calls;
  };
  const fails = (host: string, times = 5): void => {
    for (let index = 0; index < times; index++) balancer.answered(named(host), false);
  };
  return { balancer, clock, told, closed, named, next, shares, fails };
}

describe('the next call', () => {
  it('goes to the instance with the fewest calls', () => {
    const { named, next } = someInstances(['a', 'b', 'c']);
    [named('a').pending, named('b').pending, named('c').pending] = [5, 2, 4];
    expect(next(2)).toEqual(['b', 'b']);
  });
  it('goes to each of equals in its turn', () => {
    const { balancer } = someInstances(['a', 'b', 'c']);
    const hosts = Array.from({ length: 6 }, () => balancer.choose(null)!.address.host);
    expect(hosts.slice(0, 3).sort()).toEqual(['a', 'b', 'c']);
    expect(hosts.slice(3)).toEqual(hosts.slice(0, 3));
  });
  it('follows the weights', () => {
    const { shares } = someInstances([anAddress('a', { weight: 3 }), anAddress('b', { weight: 1 })]);
    expect(shares(40)).toEqual({ a: 30, b: 10 });
  });
  it('goes to the lowest priority as long as one of that serves', () => {
    const { balancer, named, next } = someInstances([
      ...[anAddress('a', { priority: 1 }), anAddress('b', { priority: 1 }), anAddress('c', { priority: 2 })],
    ]);
    expect(new Set(next(4))).toEqual(new Set(['a', 'b']));
    balancer.takeOut(named('a'), 'unreachable');
    balancer.takeOut(named('b'), 'unreachable');
    expect(next(1)).toEqual(['c']);
  });
  it('never goes where it was before', () => {
    const { balancer, named } = someInstances(['a', 'b']);
    expect(balancer.choose([named('a')])).toBe(named('b'));
    expect(balancer.choose([named('a'), named('b')])).toBeNull();
  });
  it('goes nowhere where each instance has as many as it may', () => {
    const { next, balancer } = someInstances(['a', 'b'], { maxPending: 2 });
    expect(next(5).at(-1)).toBe('none');
    expect(balancer.isFull).toBe(true);
  });
  it('goes nowhere where the only instance has as many as it may', () => {
    const { next } = someInstances(['a'], { maxPending: 2 });
    expect(next(3)).toEqual(['a', 'a', 'none']);
  });
  it('goes nowhere where there is no instance', () => {
    const { next, balancer } = someInstances([]);
    expect([next(1), balancer.isFull]).toEqual([['none'], false]);
  });
  it('prefers others to one that somebody waited for in vain', () => {
    const { named, next } = someInstances(['a', 'b']);
    named('a').isSuspect = true;
    expect(next(3)).toEqual(['b', 'b', 'b']);
  });
  it('goes to a suspect where there is no other', () => {
    const { named, next } = someInstances(['a']);
    named('a').isSuspect = true;
    expect(next(1)).toEqual(['a']);
  });
});

describe('an instance that is out', () => {
  it('gets no call while another serves', () => {
    const { balancer, named, shares } = someInstances(['a', 'b', 'c']);
    balancer.takeOut(named('b'), 'unreachable');
    expect(shares(10)).toEqual({ a: 5, c: 5 });
  });
  it('is told of, once, and so is its return', () => {
    const { balancer, named, told } = someInstances(['a', 'b']);
    balancer.takeOut(named('a'), 'unreachable');
    balancer.takeOut(named('a'), 'unreachable');
    balancer.probed(named('a'), 'good');
    expect(told).toEqual(['a out: unreachable', 'a back']);
  });
  it('because it cannot be reached gets no call even where it is the only one', () => {
    const { balancer, named, next } = someInstances(['a', 'b']);
    balancer.takeOut(named('a'), 'unreachable');
    balancer.takeOut(named('b'), 'check');
    expect([next(1), balancer.isFull]).toEqual([['none'], false]);
  });
  it('because it is silent gets calls where no other is better', () => {
    const { balancer, named, next } = someInstances(['a', 'b']);
    balancer.takeOut(named('a'), 'silent');
    balancer.takeOut(named('b'), 'unreachable');
    expect(next(1)).toEqual(['a']);
  });
  it('gets calls all the same where there is nothing to choose from', () => {
    const { balancer, named, next } = someInstances(['a'], { servesAlways: true });
    balancer.takeOut(named('a'), 'check');
    expect(next(1)).toEqual(['a']);
  });
});

describe('errors as answers', () => {
  it('take an instance out with the fifth in a row', () => {
    const { fails, told } = someInstances(['a', 'b', 'c']);
    fails('a', 4);
    expect(told).toEqual([]);
    fails('a', 1);
    expect(told).toEqual(['a out: errors']);
  });
  it.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
  ])('of all of %i instances take out %i: no other would be better', (count, most) => {
    const hosts = Array.from({ length: count }, (_, index) => `h${index}`);
    const { fails, told } = someInstances(hosts);
    for (const host of hosts) fails(host);
    expect(told).toHaveLength(most);
  });
  it('are over when a call on trial says so, one call at a time', () => {
    const { balancer, clock, fails, named, next, told } = someInstances(['a', 'b', 'c']);
    fails('a');
    clock.now = 5000;
    expect(next(2)[0]).toBe('a');
    expect(next(6)).not.toContain('a');
    balancer.answered(named('a'), true);
    expect(told).toEqual(['a out: errors', 'a back']);
    expect(next(12)).toContain('a');
  });
  it('are tried with no call where a health check tells', () => {
    const { clock, fails, next } = someInstances(['a', 'b', 'c'], { triesCalls: false });
    fails('a');
    clock.now = 100_000;
    expect(next(6)).not.toContain('a');
  });
  it('of one that was given up by its client are tried by the next call', () => {
    const { balancer, clock, fails, named, next } = someInstances(['a', 'b', 'c']);
    fails('a');
    clock.now = 5000;
    expect(next(1)).toEqual(['a']);
    balancer.abandoned(named('a'));
    expect(next(1)).toEqual(['a']);
  });
});

describe('what a look finds', () => {
  it('takes out at once what cannot be reached', () => {
    const { balancer, named, told } = someInstances(['a', 'b']);
    balancer.probed(named('a'), 'unreachable');
    expect(told).toEqual(['a out: unreachable']);
  });
  it('takes out at once a suspect that says nothing', () => {
    const { balancer, named, told } = someInstances(['a', 'b']);
    named('a').isSuspect = true;
    balancer.probed(named('a'), 'silent');
    expect(told).toEqual(['a out: silent']);
  });
  it('takes nobody out who answers', () => {
    const { balancer, named, next } = someInstances(['a', 'b']);
    named('a').isSuspect = true;
    balancer.probed(named('a'), 'good');
    expect(named('a').isSuspect).toBe(false);
    expect(next(4).sort()).toEqual(['a', 'a', 'b', 'b']);
  });
  it.each(['bad', 'silent'] as const)('takes out what was %s in two checks', (found) => {
    const { balancer, named, told } = someInstances(['a', 'b']);
    balancer.probed(named('a'), found);
    expect(told).toEqual([]);
    balancer.probed(named('a'), found);
    expect(told).toEqual(['a out: check']);
  });
});

describe('a new list of instances', () => {
  it('keeps those that stay, with what is known of them', () => {
    const { balancer, named } = someInstances(['a', 'b']);
    const kept = named('a');
    balancer.takeOut(kept, 'unreachable');
    balancer.found([anAddress('a'), anAddress('c')]);
    expect(named('a')).toBe(kept);
    expect(balancer.choose(null)).toBe(named('c'));
  });
  it('lets those that are gone end their calls', () => {
    const { balancer, closed } = someInstances(['a', 'b']);
    balancer.found([anAddress('b')]);
    expect(closed).toEqual(['a']);
  });
  it('makes anew one whose weight changed', () => {
    const { balancer, named, closed } = someInstances(['a']);
    const before = named('a');
    balancer.found([anAddress('a', { weight: 2 })]);
    expect([named('a') === before, closed]).toEqual([false, ['a']]);
  });
  it('does not mind calls that end on one that is gone', () => {
    const { balancer, named, next } = someInstances(['a', 'b']);
    const gone = named('a');
    balancer.found([anAddress('b')]);
    balancer.takeOut(gone, 'unreachable');
    expect(next(2)).toEqual(['b', 'b']);
  });
  it('is told of, the first one not', () => {
    const { balancer, told } = someInstances(['a']);
    balancer.found([anAddress('a'), anAddress('b')]);
    balancer.found([]);
    expect(told).toEqual(['2 instances', '0 instances']);
  });
});

describe('looking for instances', () => {
  it('that fails leaves those that are known in service, and is told once', () => {
    const { balancer, next, told } = someInstances(['a']);
    balancer.failed('SERVFAIL');
    balancer.failed('SERVFAIL');
    expect([next(1), balancer.discoveryUp]).toEqual([['a'], false]);
    balancer.recovered();
    expect([balancer.discoveryUp, told]).toEqual([true, ['failed: SERVFAIL', 'found again']]);
  });
  it('resolves the first look by a list or by a failure', async () => {
    const parts = { make: unplanned, events: SILENT_EVENTS, now: () => 0, maxPending: 1, triesCalls: true };
    const failing = new Balancer({ ...parts, servesAlways: false });
    failing.failed('away');
    await failing.firstLook;
    expect(failing.isKnown).toBe(false);
    const found = new Balancer({ ...parts, servesAlways: false });
    found.found([]);
    await found.firstLook;
    expect(found.isKnown).toBe(true);
  });
});
