import { describe, expect, it } from '@jest/globals';
import { TestLimitClock } from '../../../../test/support/limit-clock.js';
import { breakerRulesOf } from './breaker-rules.js';
import { CircuitBreaker, type BreakerChange } from './circuit-breaker.js';

const HOUR_MS = 3_600_000;
/** Opens at 2 failures of 4 calls. */
const RULES = {
  slidingWindowSize: 4,
  minimumNumberOfCalls: 4,
  slowCallDurationThreshold: 100,
  permittedNumberOfCallsInHalfOpenState: 2,
  waitDurationInOpenState: 1000,
};

function aBreaker(record: Readonly<Record<string, unknown>> = {}) {
  const clock = new TestLimitClock();
  const changes: BreakerChange[] = [];
  const rules = breakerRulesOf({ ...RULES, ...record }, '').rules!;
  const breaker = new CircuitBreaker({ path: '/a', rules, clock, onChange: (change) => changes.push(change) });
  /** s: success, f: failure, S: slow success. */
  const play = (outcomes: string) => {
    for (const outcome of outcomes)
      breaker.record(outcome === 'S' ? 101 : 100, outcome === 'f' ? 'failure' : 'success');
  };
  const acquireAll = (count: number) => Array.from({ length: count }, () => breaker.acquire() === null);
  return { clock, changes, breaker, play, acquireAll };
}

function anOpenBreaker(record: Readonly<Record<string, unknown>> = {}) {
  const world = aBreaker(record);
  world.play('ffff');
  return world;
}

function aHalfOpenBreaker(record: Readonly<Record<string, unknown>> = {}) {
  const world = anOpenBreaker({ automaticTransitionFromOpenToHalfOpenEnabled: true, ...record });
  world.clock.advance(1000);
  return world;
}

describe('a closed circuit breaker', () => {
  it('opens at the failure rate, not before there are enough calls', () => {
    const { breaker, play } = aBreaker();
    play('fff');
    expect(breaker.stateName).toBe('closed');
    expect(breaker.snapshot().failureRate).toBe(-1);
    play('s');
    expect(breaker.stateName).toBe('open');
    expect(breaker.snapshot()).toMatchObject({ failureRate: 75, slowRate: 0, calls: 4, failed: 3 });
  });
  it('forgets what has left its window of calls', () => {
    const { breaker, play } = aBreaker();
    play('fsssfsss');
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', failureRate: 25, calls: 4 });
  });
  it('remembers a long window whole', () => {
    const { breaker, play } = aBreaker({ slidingWindowSize: 300, minimumNumberOfCalls: 300 });
    play('f'.repeat(100) + 's'.repeat(250));
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', calls: 300, failed: 50 });
    play('s'.repeat(50));
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', calls: 300, failed: 0 });
  });
  it('opens at the slow rate: a call is slow that took longer than the threshold', () => {
    const { breaker, play } = aBreaker({ slowCallRateThreshold: 50 });
    play('ssSs');
    expect(breaker.stateName).toBe('closed');
    play('SS');
    expect(breaker.snapshot()).toMatchObject({ state: 'open', slow: 3, failed: 0 });
  });
  it('counts nothing for a call that ended without a word', () => {
    const { breaker } = aBreaker();
    breaker.acquire();
    breaker.release();
    expect(breaker.snapshot().calls).toBe(0);
  });
});

describe('a closed circuit breaker with a window of 2 seconds', () => {
  const record = { slidingWindowType: 'TIME_BASED', slidingWindowSize: 2 };

  it('counts calls of this second and the one before, across its border', () => {
    const { clock, breaker, play } = aBreaker(record);
    clock.advance(999);
    play('f');
    clock.advance(1);
    play('ss');
    expect(breaker.snapshot().calls).toBe(3);
    clock.advance(1000);
    expect(breaker.snapshot()).toMatchObject({ calls: 2, failed: 0 });
  });
  it('has forgotten all after a quiet hour', () => {
    const { clock, breaker, play } = aBreaker(record);
    play('fff');
    clock.advance(HOUR_MS);
    play('f');
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', calls: 1, failed: 1 });
  });
  it('has not to go through the time of a clock that is set far ahead', () => {
    const { clock, breaker, play } = aBreaker(record);
    play('fff');
    clock.jump(1e15);
    play('f');
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', calls: 1, failed: 1 });
  });
  it('counts on where the clock jumps back or stands still', () => {
    const { clock, breaker, play } = aBreaker(record);
    play('ff');
    clock.jump(-HOUR_MS);
    play('s');
    clock.freeze();
    play('s');
    expect(breaker.snapshot()).toMatchObject({ state: 'open', calls: 4, failed: 2 });
  });
});

describe('an open circuit breaker', () => {
  it('refuses, and says what is left of its wait', () => {
    const { clock, breaker } = anOpenBreaker();
    clock.advance(400);
    expect(breaker.acquire()).toEqual({ kind: 'refused', retryAfterMs: 600 });
    expect(breaker.snapshot().notPermitted).toBe(1);
  });
  it('is half-open for the first call after its wait', () => {
    const { clock, breaker } = anOpenBreaker();
    clock.advance(1001);
    expect(breaker.stateName).toBe('open');
    expect(breaker.acquire()).toBeNull();
    expect(breaker.stateName).toBe('half_open');
  });
  it('is half-open by itself where the rule says so', () => {
    const { clock, breaker } = anOpenBreaker({ automaticTransitionFromOpenToHalfOpenEnabled: true });
    clock.advance(1000);
    expect(breaker.stateName).toBe('half_open');
  });
  it('only shows results that come late', () => {
    const { breaker, play } = anOpenBreaker();
    play('ssss');
    expect(breaker.snapshot()).toMatchObject({ state: 'open', failureRate: 0, calls: 4 });
  });
  it('waits no longer for a clock that jumps back, from when it is looked at', () => {
    const { clock, breaker } = anOpenBreaker();
    clock.jump(-HOUR_MS);
    expect(breaker.acquire()).toEqual({ kind: 'refused', retryAfterMs: 1000 });
    clock.advance(1001);
    expect(breaker.acquire()).toBeNull();
  });
});

describe('a half-open circuit breaker', () => {
  it('lets through what the rule permits, and nobody can say when it takes more', () => {
    const { breaker, acquireAll } = aHalfOpenBreaker();
    expect(acquireAll(2)).toEqual([true, true]);
    expect(breaker.acquire()).toEqual({ kind: 'refused', retryAfterMs: null });
  });
  it('closes with an empty window where the calls on trial are good', () => {
    const { breaker, play } = aHalfOpenBreaker();
    play('ss');
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', calls: 0, failureRate: -1 });
  });
  it('opens anew where they are not, or slow', () => {
    const { clock, breaker, play } = aHalfOpenBreaker();
    play('sf');
    expect(breaker.stateName).toBe('open');
    clock.advance(1000);
    play('SS');
    expect(breaker.stateName).toBe('open');
  });
  it('decides as soon as the minimum of calls has ended, where it is below what it permits', () => {
    const { breaker, play } = aHalfOpenBreaker({
      minimumNumberOfCalls: 1,
      permittedNumberOfCallsInHalfOpenState: 3,
    });
    play('s');
    expect(breaker.stateName).toBe('closed');
  });
  it('gives the permit of a call that ended without a word to another, and never more than it has', () => {
    const { breaker, acquireAll } = aHalfOpenBreaker();
    acquireAll(2);
    breaker.release();
    expect(acquireAll(2)).toEqual([true, false]);
    for (let late = 0; late < 100; late++) breaker.release();
    expect(acquireAll(3)).toEqual([true, true, false]);
  });
  it('decides also by results of calls from before', () => {
    const { clock, breaker, play } = anOpenBreaker();
    clock.advance(1001);
    breaker.acquire();
    play('ff');
    expect(breaker.stateName).toBe('open');
  });
  it('opens when it has waited for too long', () => {
    const { clock, breaker } = aHalfOpenBreaker({ maxWaitDurationInHalfOpenState: 500 });
    breaker.acquire();
    clock.advance(499);
    expect(breaker.stateName).toBe('half_open');
    clock.advance(1);
    expect(breaker.stateName).toBe('open');
  });
  it('does not open by the wait of a trial that is over', () => {
    const { clock, breaker, play } = aHalfOpenBreaker({ maxWaitDurationInHalfOpenState: 500 });
    play('ss');
    clock.advance(500);
    expect([breaker.stateName, clock.timerCount]).toEqual(['closed', 0]);
  });
});

describe('a forced circuit breaker', () => {
  it('lets nothing through where it is forced open, whatever comes', () => {
    const { clock, breaker, play } = aBreaker();
    breaker.force('open');
    play('ssss');
    clock.advance(HOUR_MS);
    expect(breaker.acquire()).toEqual({ kind: 'refused', retryAfterMs: null });
    expect(breaker.snapshot()).toMatchObject({ state: 'forced_open', calls: 0, notPermitted: 1 });
  });
  it('lets everything through where it is forced closed, and counts nothing', () => {
    const { breaker, play } = anOpenBreaker();
    breaker.force('closed');
    play('ffff');
    expect(breaker.acquire()).toBeNull();
    expect(breaker.snapshot()).toMatchObject({ state: 'disabled', calls: 0 });
  });
  it('is closed with an empty window when the force ends', () => {
    const { breaker } = anOpenBreaker();
    breaker.force('open');
    breaker.force(null);
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', calls: 0 });
  });
  it('is not what an open one is: the end of a force does not close it', () => {
    const { breaker } = anOpenBreaker();
    breaker.force(null);
    expect(breaker.stateName).toBe('open');
  });
  it('is reset as any other', () => {
    const { clock, breaker } = aHalfOpenBreaker({ maxWaitDurationInHalfOpenState: 500 });
    breaker.force('open');
    breaker.reset();
    clock.advance(HOUR_MS);
    expect([breaker.stateName, breaker.acquire(), clock.timerCount]).toEqual(['closed', null, 0]);
  });
});

describe('a circuit breaker', () => {
  it('tells of changes of its state, once each', () => {
    const { changes, breaker, clock, play } = aBreaker();
    breaker.reset();
    play('ffff');
    clock.advance(1001);
    breaker.acquire();
    play('ss');
    breaker.force('open');
    breaker.force('open');
    expect(changes.map(({ path, from, to }) => `${path} ${from} ${to}`)).toEqual([
      '/a closed open',
      '/a open half_open',
      '/a half_open closed',
      '/a closed forced_open',
    ]);
  });
  it('has one timer at most, and none after it was closed, however often', () => {
    const { clock, breaker, play } = anOpenBreaker({ automaticTransitionFromOpenToHalfOpenEnabled: true });
    expect(clock.timerCount).toBe(1);
    breaker.close();
    breaker.close();
    breaker.reset();
    play('ffff');
    expect([breaker.stateName, clock.timerCount]).toEqual(['open', 0]);
  });
});
