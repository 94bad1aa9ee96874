import { describe, expect, it } from '@jest/globals';
import { userRatePlanOf, type RatedRequest } from './user-rate-plan.js';

const AT = '/userRateLimit';
const ann: RatedRequest = { path: '/a', userId: 'ann', userType: 'user', address: '192.0.2.7' };
const nobody: RatedRequest = { ...ann, userId: null, userType: null };

/** Policy, limit and whose each bucket is that a request is charged to. */
function bucketsOf(record: object, request: Partial<RatedRequest> = {}): unknown[] {
  const { plan, faults } = userRatePlanOf({ isEnabled: true, period: 1, ...record }, AT, 'shop');
  expect(faults).toEqual([]);
  return (plan?.bucketsOf({ ...ann, ...request }) ?? []).map(({ spec, who }) => [spec.policy, spec.limit, who]);
}
const read = (record: unknown) => userRatePlanOf(record, AT, 'shop');
const pointers = (record: object): string[] =>
  read({ isEnabled: true, period: 1, globalDefault: 5, ...record }).faults.map(({ pointer }) =>
    pointer.slice(AT.length),
  );

describe('a user rate limit', () => {
  it.each([[undefined], [null], [{ isEnabled: false, period: 'x', globalDefault: -7 }]])('is none: %j', (record) => {
    expect(read(record)).toEqual({ plan: null, faults: [], warnings: [] });
  });
  it('counts users, addresses, or both', () => {
    const limits = { globalDefault: 5 };
    expect(bucketsOf(limits)).toEqual([['user', 5, 'ann']]);
    expect(bucketsOf({ ...limits, identifier: 'user' })).toEqual([['user', 5, 'ann']]);
    expect(bucketsOf({ ...limits, identifier: 'ip' })).toEqual([['ip', 5, '192.0.2.7']]);
    expect(bucketsOf({ ...limits, identifier: 'both' }, { address: '2001:db8::9' })).toEqual([
      ['user', 5, 'ann'],
      ['ip', 5, '2001:db8:0:0::/64'],
    ]);
  });
  it('counts who is no user by the address alone', () => {
    expect(bucketsOf({ globalDefault: 5, identifier: 'both' }, nobody)).toEqual([['ip', 5, '192.0.2.7']]);
    expect(bucketsOf({ globalDefault: 5 }, nobody)).toEqual([]);
  });
  it('takes the limit of the type, else that of users, else the default', () => {
    const limits = { identifier: 'both', globalDefault: 5, globalTypes: { user: 20, gold: 100, free: -1, ip: 50 } };
    expect(bucketsOf(limits, { userType: 'gold' })).toEqual([
      ['user', 100, 'ann'],
      ['ip', 50, '192.0.2.7'],
    ]);
    expect(bucketsOf(limits, { userType: 'silver' })[0]).toEqual(['user', 20, 'ann']);
    expect(bucketsOf(limits, { userType: null })[0]).toEqual(['user', 20, 'ann']);
    expect(bucketsOf(limits, { userType: 'free' })).toEqual([['ip', 50, '192.0.2.7']]);
    expect(bucketsOf({ ...limits, globalTypes: { gold: 100 } }, { userType: 'silver' })[0]).toEqual(['user', 5, 'ann']);
  });
  it('takes no type for what it is not', () => {
    const limits = { globalDefault: 5, globalTypes: { ip: 50 } };
    for (const userType of ['ip', '__proto__', 'constructor']) {
      expect(bucketsOf(limits, { userType })).toEqual([['user', 5, 'ann']]);
    }
  });
  it('knows two users of one id and different types apart', () => {
    const { plan } = read({ period: 1, globalDefault: 5 });
    const [one, other] = ['a', 'b'].map((userType) => plan!.bucketsOf({ ...ann, userType })[0]!.spec.key);
    expect(one).not.toBe(other);
  });
  it('takes users of any number of types', () => {
    const { plan } = read({ period: 1, globalDefault: 5 });
    const keys = Array.from(
      { length: 1000 },
      (_, type) => plan!.bucketsOf({ ...ann, userType: `t${type}` })[0]!.spec.key,
    );
    expect(new Set(keys).size).toBe(1000);
  });
});

describe('limits of paths', () => {
  it('count each path by itself where it has no limit of its own', () => {
    const limits = { identifier: 'both', pathsDefault: 3, pathsTypes: { user: 4 } };
    expect(bucketsOf(limits, { path: '/x/y' })).toEqual([
      ['user-path', 4, '/x/y\nann'],
      ['ip-path', 3, '/x/y\n192.0.2.7'],
    ]);
  });
  it('are those of the most specific rule, which counts all paths that it has', () => {
    const paths = { x: { defaultRate: 1 }, '/x/*': { defaultRate: 2, types: { gold: 7 } }, '/x/y/': {} };
    const limits = { pathsDefault: 9, paths };
    expect(bucketsOf(limits, { path: '/x' })).toEqual([['user-path', 1, 'ann']]);
    expect(bucketsOf(limits, { path: '/x/1' })).toEqual([['user-path', 2, 'ann']]);
    expect(bucketsOf(limits, { path: '/x/1', userType: 'gold' })).toEqual([['user-path', 7, 'ann']]);
    expect(bucketsOf(limits, { path: '/x/y' })).toEqual([]);
    expect(bucketsOf(limits, { path: '/z' })).toEqual([['user-path', 9, '/z\nann']]);
    expect(bucketsOf({ paths: { '*': { defaultRate: 2 } }, pathsDefault: 9 }, { path: '/z' })).toEqual([
      ['user-path', 2, 'ann'],
    ]);
  });
  it('come with those of the channel, which stand first', () => {
    expect(
      bucketsOf({ identifier: 'both', globalDefault: 5, pathsDefault: 3 }).map((bucket) => (bucket as string[])[0]),
    ).toEqual([...['user', 'ip', 'user-path', 'ip-path']]);
  });
  it('keep what a client chose by digest where it is long', () => {
    const [[, , who]] = bucketsOf({ pathsDefault: 3 }, { path: `/${'x'.repeat(20_000)}` }) as [
      [string, number, string],
    ];
    expect(who).toHaveLength(43);
  });
});

describe('the period', () => {
  it.each([
    [1, 60_000],
    [0.5, 30_000],
    ['2', 120_000],
    ['PT30S', 30_000],
    ['PT0.5S', 500],
    ['PT1H30M', 5_400_000],
    ['P1DT1S', 86_401_000],
    ['P1W', 604_800_000],
  ])('%j is %i ms', (period, periodMs) => {
    const { plan } = read({ period, globalDefault: 1 });
    expect(plan!.bucketsOf(ann)[0]!.spec).toMatchObject({ periodMs, periodUs: periodMs * 1000 });
  });
  it.each([0, -1, 'P', 'PT', 'P1M', 'P1Y', 'PT0S', 'PT0.0001S', '', 'soon', 600_000, 'P53W', true, Number.NaN])(
    'cannot be %j',
    (period) => {
      expect(pointers({ period })).toEqual(['/period']);
    },
  );
  it('cannot be missing', () => {
    expect(read({ isEnabled: true, globalDefault: 5 }).faults).toMatchObject([{ pointer: `${AT}/period` }]);
  });
});

describe('tokens that a replica holds', () => {
  const termsOf = (record: object) =>
    read({ period: 1, globalDefault: 5, ...record }).plan!.bucketsOf(ann)[0]!.spec.terms;

  it('are 5 for 30 s, the one that is spent at once among them', () => {
    expect(termsOf({})).toEqual({ ahead: 4, low: -1, leaseMs: 30_000, sharesCalls: false });
  });
  it.each([
    [
      { maxUnsynchronizedTokens: 100, useBatching: true },
      { ahead: 99, low: 24, leaseMs: 30_000, sharesCalls: true },
    ],
    [{ maxUnsynchronizedTokens: 0 }, { ahead: 0, low: -1, leaseMs: 30_000, sharesCalls: false }],
    [{ maxTimeoutBetweenSynchronization: 0 }, { ahead: 0, low: -1, leaseMs: 0, sharesCalls: false }],
    [{ maxTimeoutBetweenSynchronization: 0.5 }, { ahead: 4, low: -1, leaseMs: 500, sharesCalls: false }],
  ])('are as many as %j says', (record, terms) => {
    expect(termsOf(record)).toEqual(terms);
  });
});

describe('a mistake', () => {
  it.each<[object, string[]]>([
    [{ identifier: 'session' }, ['/identifier']],
    [{ globalDefault: -2 }, ['/globalDefault']],
    [{ globalDefault: 2.5 }, ['/globalDefault']],
    [{ globalDefault: 1e12 }, ['/globalDefault']],
    [{ pathsDefault: '5' }, ['/pathsDefault']],
    [{ globalTypes: { 'a/b': -3 }, pathsTypes: { '~': null, x: [] } }, ['/globalTypes/a~1b', '/pathsTypes/x']],
    [{ globalTypes: [5] }, ['/globalTypes']],
    [{ maxUnsynchronizedTokens: -1 }, ['/maxUnsynchronizedTokens']],
    [{ maxUnsynchronizedTokens: 1e9 }, ['/maxUnsynchronizedTokens']],
    [{ maxTimeoutBetweenSynchronization: 1e9 }, ['/maxTimeoutBetweenSynchronization']],
    [{ useBatching: 'yes', service: 7 }, ['/service', '/useBatching']],
    [{ paths: { '/x': { defaultRate: -5, types: { a: 'b' } } } }, ['/paths/~1x/defaultRate', '/paths/~1x/types/a']],
    [{ paths: { x: {}, '/x/': {} } }, ['/paths/~1x~1']],
    [{ paths: { '/a/../b': {}, '/c': 3 } }, ['/paths/~1a~1..~1b', '/paths/~1c']],
  ])('is a fault at its place: %j', (record, expected) => {
    expect(pointers(record)).toEqual(expected);
  });
  it('leaves no plan', () => {
    expect(read({ period: 1, globalDefault: -9 }).plan).toBeNull();
    expect(read('x')).toMatchObject({ plan: null, faults: [{ pointer: AT }] });
  });
});

describe('a warning', () => {
  it('tells of a limit that limits nobody', () => {
    expect(read({ isEnabled: true, period: 1 })).toMatchObject({ plan: null, faults: [], warnings: [{ pointer: AT }] });
  });
  it('tells of types that have no effect', () => {
    const types = { globalTypes: { ip: 5 }, pathsTypes: { gold: 5 } };
    const told = (identifier: string): string[] =>
      read({ period: 1, identifier, ...types }).warnings.map(({ pointer }) => pointer);
    expect([told('user'), told('ip'), told('both')]).toEqual([[`${AT}/globalTypes/ip`], [`${AT}/pathsTypes/gold`], []]);
  });
});

it('names the service', () => {
  const named = { period: 1, globalDefault: 5, service: 'counts' };
  expect([read(named).plan!.service, read({ ...named, service: undefined }).plan!.service]).toEqual(['counts', null]);
});

describe('a path of a plan', () => {
  it('has * alone, or as its last segment, as paths of rules do', () => {
    const faultsOf = (path: string) =>
      userRatePlanOf({ period: 1, paths: { [path]: { defaultRate: 1 } } }, '/userRateLimit', 'shop').faults;
    expect(faultsOf('/a/*/b')).toEqual([
      { pointer: '/userRateLimit/paths/~1a~1*~1b', message: expect.stringContaining('last segment only') },
    ]);
    expect([faultsOf('/a/*'), faultsOf('*'), faultsOf('/a')]).toEqual([[], [], []]);
  });
});
