import { describe, expect, it } from '@jest/globals';
import { breakerRulesOf } from './breaker-rules.js';

const POINTER = '/paths/a/circuitBreaker';

describe('the rules of a circuit breaker', () => {
  it("have resilience4j's defaults", () => {
    const { rules, faults } = breakerRulesOf({}, POINTER);
    expect(faults).toEqual([]);
    expect(rules).toMatchObject({
      slidingWindowType: 'COUNT_BASED',
      slidingWindowSize: 100,
      failureRatePercent: 50,
      minimumCalls: 100,
      slowCallMs: 60_000,
      slowCallRatePercent: 100,
      halfOpenCalls: 10,
      isHalfOpenByTimer: false,
      maxHalfOpenMs: 0,
      openMs: 60_000,
    });
  });

  it('are read from all fields', () => {
    const record = {
      slidingWindowType: 'TIME_BASED',
      slidingWindowSize: 30,
      failureRateThreshold: 12.5,
      minimumNumberOfCalls: 50,
      slowCallDurationThreshold: 2000,
      slowCallRateThreshold: 80,
      permittedNumberOfCallsInHalfOpenState: 3,
      automaticTransitionFromOpenToHalfOpenEnabled: true,
      maxWaitDurationInHalfOpenState: 5000,
      waitDurationInOpenState: 1000,
    };
    expect(breakerRulesOf(record, POINTER).rules).toMatchObject({
      slidingWindowType: 'TIME_BASED',
      slidingWindowSize: 30,
      failureRatePercent: 12.5,
      minimumCalls: 50,
      slowCallMs: 2000,
      slowCallRatePercent: 80,
      halfOpenCalls: 3,
      isHalfOpenByTimer: true,
      maxHalfOpenMs: 5000,
      openMs: 1000,
    });
  });

  it('have a minimum of calls that the window can hold, where it counts calls', () => {
    const record = { slidingWindowSize: 10, minimumNumberOfCalls: 20 };
    expect(breakerRulesOf(record, POINTER).rules?.minimumCalls).toBe(10);
    expect(breakerRulesOf({ ...record, slidingWindowType: 'TIME_BASED' }, POINTER).rules?.minimumCalls).toBe(20);
  });

  it('have the same key where they say the same', () => {
    const key = (record: Readonly<Record<string, unknown>>) => breakerRulesOf(record, POINTER).rules?.key;
    expect(key({ failureRateThreshold: 50 })).toBe(key({}));
    expect(key({ failureRateThreshold: 51 })).not.toBe(key({}));
  });

  it.each([
    ['slidingWindowType', 'BOTH'],
    ['slidingWindowSize', 0],
    ['slidingWindowSize', 100_001],
    ['slidingWindowSize', 2.5],
    ['failureRateThreshold', 0],
    ['failureRateThreshold', -1],
    ['failureRateThreshold', 100.1],
    ['failureRateThreshold', Number.NaN],
    ['slowCallRateThreshold', '50'],
    ['slowCallRateThreshold', 0],
    ['minimumNumberOfCalls', 0],
    ['minimumNumberOfCalls', 1e10],
    ['slowCallDurationThreshold', 0],
    ['permittedNumberOfCallsInHalfOpenState', 0],
    ['permittedNumberOfCallsInHalfOpenState', 1e9],
    ['automaticTransitionFromOpenToHalfOpenEnabled', 'yes'],
    ['maxWaitDurationInHalfOpenState', -1],
    ['maxWaitDurationInHalfOpenState', 2 ** 31],
    ['waitDurationInOpenState', 0],
    ['waitDurationInOpenState', Infinity],
  ])('refuse %s: %j, with its place', (name, value) => {
    const { rules, faults } = breakerRulesOf({ [name]: value }, POINTER);
    expect(rules).toBeNull();
    expect(faults.map(({ pointer }) => pointer)).toEqual([`${POINTER}/${name}`]);
  });

  it('refuse a window of more seconds than an hour has', () => {
    const { faults } = breakerRulesOf({ slidingWindowType: 'TIME_BASED', slidingWindowSize: 3601 }, POINTER);
    expect(faults).toEqual([
      { pointer: `${POINTER}/slidingWindowSize`, message: 'must be a whole number from 1 to 3600' },
    ]);
  });

  it('tell every fault at once', () => {
    const record = { slidingWindowSize: -1, failureRateThreshold: 0, waitDurationInOpenState: -5 };
    expect(breakerRulesOf(record, POINTER).faults).toHaveLength(3);
  });
});
