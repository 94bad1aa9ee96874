import { describe, expect, it } from '@jest/globals';
import type { ChannelRecord } from '../../contracts/records.js';
import { breakerRulesOf } from './breaker/breaker-rules.js';
import { UserRates } from './user-rate/user-rates.js';
import { LimitStates } from './channel-limits.js';
import { limitRulesOf } from './limit-rules.js';

const clock = { now: () => 0, after: () => () => undefined };
const BREAKER = { slidingWindowSize: 2, minimumNumberOfCalls: 2 };
const RULES = breakerRulesOf(BREAKER, '').rules!;
const paths = { '*': { circuitBreaker: BREAKER } };
const rulesOf = (record: ChannelRecord) => limitRulesOf(record, 'c').rules!;
function states(workers = 1) {
  const changes: string[] = [];
  const limits = new LimitStates({
    clock,
    rates: new UserRates({ mostBuckets: 10, expiryMs: 1000, report: () => undefined, clock }),
    shareOf: (bound) => Math.max(1, Math.floor(bound / workers)),
    onBreaker: (channel, { path, to }) => changes.push(`${channel} ${path} ${to}`),
  });
  return { limits, changes };
}
const nobody = { cancelled: false, onCancel: () => undefined };
const failTwice = (limits: LimitStates, path: string) => {
  const breaker = limits.of('c', rulesOf({ paths })).breakerOf(RULES, path);
  for (let count = 0; count < 2; count++) {
    breaker.acquire();
    breaker.record(1, 'failure');
  }
};

describe('limits of a record', () => {
  it('are none where nothing is asked for, also by an empty limiter', () => {
    expect(limitRulesOf({ rateLimiter: {}, bulkhead: {}, userRateLimit: {} }, 'c')).toEqual({
      ...{ rules: null, faults: [], warnings: [] },
    });
  });
  it('have the defaults of docs/resilience.md', () => {
    const { globalRate, bulkhead } = rulesOf({ rateLimiter: { periodLimit: 2 }, bulkhead: { maxWait: 5 } });
    expect(globalRate).toEqual({ refreshPeriodMs: 1000, periodLimit: 2, timeoutMs: 0 });
    expect(bulkhead).toEqual({ maxConcurrentCalls: 25, maxWaitMs: 5 });
  });
  it.each([
    [{ rateLimiter: { refreshPeriod: 5 } }, '/rateLimiter/periodLimit'],
    [{ rateLimiter: { periodLimit: -1 } }, '/rateLimiter/periodLimit'],
    [{ rateLimiter: { periodLimit: 1, refreshPeriod: 1e12 } }, '/rateLimiter/refreshPeriod'],
    [{ rateLimiter: { periodLimit: 1, timeoutDuration: 0.5 } }, '/rateLimiter/timeoutDuration'],
    [{ bulkhead: { maxConcurrentCalls: 0 } }, '/bulkhead/maxConcurrentCalls'],
    [{ bulkhead: { maxWait: Infinity } }, '/bulkhead/maxWait'],
    [{ userRateLimit: { globalDefault: 5 } }, '/userRateLimit/period'],
    [{ paths: { '/a': { circuitBreaker: { slidingWindowSize: 0 } } } }, '/paths/~1a/circuitBreaker/slidingWindowSize'],
  ])('are at fault in %j', (record, pointer) => {
    const { rules, faults } = limitRulesOf(record, 'c');
    expect([rules, faults.map((fault) => fault.pointer)]).toEqual([null, [pointer]]);
  });
});

describe('the limits of a channel', () => {
  it('are the same object whatever a reload changes, and go on counting', () => {
    const { limits } = states();
    const first = limits.of('c', rulesOf({ rateLimiter: { periodLimit: 2 } }));
    void first.globalRate!.enter(nobody);
    const second = limits.of('c', rulesOf({ rateLimiter: { periodLimit: 3 } }));
    expect([second === first, second.globalRate!.available]).toEqual([true, 2]);
  });
  it('are shared by the workers of a replica, each with one place at least', () => {
    const { limits } = states(4);
    const { globalRate } = limits.of('c', rulesOf({ rateLimiter: { periodLimit: 8 } }));
    expect(globalRate!.available).toBe(2);
    expect(limits.of('d', rulesOf({ rateLimiter: { periodLimit: 1 } })).globalRate!.available).toBe(1);
  });
  it('end with the channel: who waits is refused', async () => {
    const { limits } = states();
    const { bulkhead } = limits.of('c', rulesOf({ bulkhead: { maxConcurrentCalls: 1, maxWait: 1000 } }));
    void bulkhead!.enter(nobody);
    const waiting = bulkhead!.enter(nobody);
    limits.retain({ has: () => false });
    expect(await waiting).toMatchObject({ kind: 'refused' });
    expect([...limits.all()]).toEqual([]);
  });
  it('keep the breakers whose rule stays, and let go of the others', () => {
    const { limits } = states();
    failTwice(limits, '/a');
    limits.retain({ has: () => true });
    expect(limits.list()).toHaveLength(1);
    limits.of('c', rulesOf({ bulkhead: { maxConcurrentCalls: 1 } }));
    limits.retain({ has: () => true });
    expect(limits.list()).toEqual([]);
  });
});

describe('limits, as operators see them', () => {
  it('are told with what is left, who waits, where users are counted, and what was refused', () => {
    const { limits } = states();
    const { globalRate, bulkhead, refused } = limits.of(
      'c',
      rulesOf({
        ...{ rateLimiter: { periodLimit: 2 }, bulkhead: { maxConcurrentCalls: 3 } },
        userRateLimit: { period: 1, globalDefault: 5 },
      } as ChannelRecord),
    );
    void globalRate!.enter(nobody);
    void bulkhead!.enter(nobody);
    refused.userRate++;
    limits.of('d', rulesOf({ paths }));
    expect(limits.limits()).toEqual([
      {
        channel: 'c',
        globalRate: { available: 1, waiting: 0 },
        bulkhead: { active: 1, waiting: 0 },
        userRates: { store: 'memory', isAway: false },
        refused: { global: 0, user: 1, bulkhead: 0, breaker: 0 },
      },
      expect.objectContaining({ channel: 'd', globalRate: null, bulkhead: null, userRates: null }),
    ]);
  });
});

describe('breakers, as operators see and move them', () => {
  it('are told with channel, path, state and rates', () => {
    const { limits, changes } = states();
    failTwice(limits, '/a');
    expect(limits.list()).toEqual([
      { channel: 'c', path: '/a', state: 'open', failureRate: 100, slowCallRate: 0, calls: 2 },
    ]);
    expect(changes).toEqual(['c /a open']);
  });
  it('can be forced open or closed, and reset', () => {
    const { limits } = states();
    failTwice(limits, '/a');
    const moved = (state: 'closed' | 'forced-open' | 'forced-closed') => [
      limits.force('c', '/a', state),
      limits.list()[0]!.state,
    ];
    expect(moved('forced-closed')).toEqual([true, 'forced-closed']);
    expect(moved('forced-open')).toEqual([true, 'forced-open']);
    expect(moved('closed')).toEqual([true, 'closed']);
    expect([limits.force('c', '/b', 'closed'), limits.force('x', '/a', 'closed')]).toEqual([false, false]);
  });
});
