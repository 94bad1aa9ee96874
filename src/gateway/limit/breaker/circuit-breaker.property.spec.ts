import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TestLimitClock } from '../../../../test/support/limit-clock.js';
import { breakerRulesOf, type BreakerRules } from './breaker-rules.js';
import { CircuitBreaker, type BreakerSnapshot, type BreakerStateName } from './circuit-breaker.js';

interface Call {
  readonly second: number;
  readonly isFailed: boolean;
  readonly isSlow: boolean;
}

/** Keeps every call and counts anew each time; looks at its watch instead of having a timer. */
class NaiveBreaker {
  private state: BreakerStateName = 'closed';
  private calls: Call[] = [];
  private isTrial = false;
  private since: number;
  private permits = 0;
  private notPermitted = 0;

  constructor(
    private readonly rules: BreakerRules,
    begin: number,
  ) {
    this.since = begin;
  }

  goTo(now: number): void {
    const { openMs, maxHalfOpenMs, isHalfOpenByTimer } = this.rules;
    for (;;) {
      if (this.state === 'open' && isHalfOpenByTimer && now >= this.since + openMs) this.tryOut(this.since + openMs);
      else if (this.state === 'half_open' && maxHalfOpenMs > 0 && now >= this.since + maxHalfOpenMs)
        this.open(this.since + maxHalfOpenMs);
      else return;
    }
  }

  acquire(now: number): boolean {
    if (this.state === 'open' && now > this.since + this.rules.openMs) this.tryOut(now);
    const isIn =
      this.state === 'closed' || this.state === 'disabled' || (this.state === 'half_open' && this.permits > 0);
    if (this.state === 'half_open' && isIn) this.permits--;
    if (!isIn) this.notPermitted++;
    return isIn;
  }

  record(now: number, isFailed: boolean, isSlow: boolean): void {
    if (this.state === 'forced_open' || this.state === 'disabled') return;
    this.calls.push({ second: Math.floor(now / 1000), isFailed, isSlow });
    const { failureRate, slowRate } = this.snapshot(now);
    if (this.state === 'open' || failureRate === -1) return;
    if (failureRate >= this.rules.failureRatePercent || slowRate >= this.rules.slowCallRatePercent) this.open(now);
    else if (this.state === 'half_open') this.become('closed');
  }

  release(): void {
    if (this.permits < this.rules.halfOpenCalls) this.permits++;
  }

  become(state: 'closed' | 'forced_open' | 'disabled'): void {
    this.begin(state, false);
  }

  snapshot(now: number): BreakerSnapshot {
    const calls = this.window(now);
    const count = calls.length;
    const failed = calls.filter(({ isFailed }) => isFailed).length;
    const slow = calls.filter(({ isSlow }) => isSlow).length;
    const counts = count >= this.minimum();
    return {
      ...{ state: this.state, calls: count, failed, slow, notPermitted: this.notPermitted },
      ...{ failureRate: counts ? (failed * 100) / count : -1, slowRate: counts ? (slow * 100) / count : -1 },
    };
  }

  private window(now: number): readonly Call[] {
    const { slidingWindowType, slidingWindowSize, halfOpenCalls } = this.rules;
    if (this.isTrial) return this.calls.slice(-halfOpenCalls);
    if (slidingWindowType === 'COUNT_BASED') return this.calls.slice(-slidingWindowSize);
    return this.calls.filter(({ second }) => second > Math.floor(now / 1000) - slidingWindowSize);
  }

  private minimum(): number {
    const { minimumCalls, halfOpenCalls } = this.rules;
    return this.isTrial ? Math.min(minimumCalls, halfOpenCalls) : minimumCalls;
  }

  private open(now: number): void {
    this.state = 'open';
    this.since = now;
  }

  private tryOut(now: number): void {
    this.begin('half_open', true);
    this.since = now;
    this.permits = this.rules.halfOpenCalls;
  }

  private begin(state: BreakerStateName, isTrial: boolean): void {
    this.state = state;
    this.isTrial = isTrial;
    this.calls = [];
    this.notPermitted = 0;
  }
}

const recordArbitrary = fc.record({
  slidingWindowType: fc.constantFrom('COUNT_BASED', 'TIME_BASED'),
  slidingWindowSize: fc.integer({ min: 1, max: 70 }),
  failureRateThreshold: fc.double({ min: 1, max: 100, noNaN: true }),
  minimumNumberOfCalls: fc.integer({ min: 1, max: 8 }),
  slowCallDurationThreshold: fc.constant(100),
  slowCallRateThreshold: fc.double({ min: 1, max: 100, noNaN: true }),
  permittedNumberOfCallsInHalfOpenState: fc.integer({ min: 1, max: 4 }),
  automaticTransitionFromOpenToHalfOpenEnabled: fc.boolean(),
  maxWaitDurationInHalfOpenState: fc.oneof(fc.constant(0), fc.integer({ min: 500, max: 2000 })),
  waitDurationInOpenState: fc.integer({ min: 500, max: 2000 }),
});

type Step =
  | { readonly kind: 'acquire' | 'release' | 'reset' | 'forceOpen' | 'forceClosed' | 'freeze' }
  | { readonly kind: 'record'; readonly isFailed: boolean; readonly isSlow: boolean }
  | { readonly kind: 'advance' | 'jump'; readonly ms: number };

const simple = (...kinds: ('acquire' | 'release' | 'reset' | 'forceOpen' | 'forceClosed' | 'freeze')[]) =>
  fc.constantFrom(...kinds).map((kind): Step => ({ kind }));
const record = fc.record({ kind: fc.constant('record' as const), isFailed: fc.boolean(), isSlow: fc.boolean() });
const advance = fc.record({
  kind: fc.constant('advance' as const),
  // Within a second, about its border and the waits, and a quiet spell.
  ms: fc.oneof(
    fc.integer({ min: 0, max: 999 }),
    fc.constantFrom(1, 500, 999, 1000, 1001, 2000),
    fc.integer({ min: 10_000, max: 200_000 }),
  ),
});
const jump = fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -1_000_000, max: 0 }) });
const calls = [
  { arbitrary: record, weight: 12 },
  { arbitrary: simple('acquire'), weight: 6 },
  { arbitrary: advance, weight: 4 },
  { arbitrary: simple('release'), weight: 2 },
];
const force = { arbitrary: simple('reset', 'forceOpen', 'forceClosed'), weight: 1 };

describe('a circuit breaker', () => {
  it('does what a naive one does, whatever comes, also late and uncalled', () => {
    fc.assert(
      fc.property(recordArbitrary, fc.array(fc.oneof(...calls, force), { maxLength: 150 }), (fields, sequence) => {
        const rules = breakerRulesOf(fields, '').rules!;
        const clock = new TestLimitClock();
        const breaker = new CircuitBreaker({ path: '/a', rules, clock });
        const model = new NaiveBreaker(rules, clock.now());
        for (const step of sequence) {
          expect(play(step, breaker, clock)).toBe(playModel(step, model, clock.now()));
          expect(breaker.snapshot()).toEqual(model.snapshot(clock.now()));
          expect(clock.timerCount).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('has counts that can be, and lets calls through again, whatever the clock says', () => {
    const steps = fc.array(
      fc.oneof(...calls, { arbitrary: jump, weight: 2 }, { arbitrary: simple('freeze'), weight: 1 }),
      {
        maxLength: 150,
      },
    );
    fc.assert(
      fc.property(recordArbitrary, steps, (fields, sequence) => {
        // One that is half-open for too long opens again, rightly.
        const rules = breakerRulesOf({ ...fields, maxWaitDurationInHalfOpenState: 0 }, '').rules!;
        const clock = new TestLimitClock();
        const breaker = new CircuitBreaker({ path: '/a', rules, clock });
        for (const step of sequence) {
          play(step, breaker, clock);
          const { calls: count, failed, slow } = breaker.snapshot();
          expect([Math.min(failed, slow) >= 0, Math.max(failed, slow) <= count]).toEqual([true, true]);
          if (rules.slidingWindowType === 'COUNT_BASED')
            expect(count).toBeLessThanOrEqual(Math.max(rules.slidingWindowSize, rules.halfOpenCalls));
        }
        clock.thaw();
        breaker.acquire();
        clock.advance(rules.openMs + 1);
        if (breaker.stateName === 'open') expect(breaker.acquire()).toBeNull();
        expect(breaker.stateName).not.toBe('open');
        breaker.close();
        breaker.close();
        expect(clock.timerCount).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});

function play(step: Step, breaker: CircuitBreaker, clock: TestLimitClock): boolean | undefined {
  switch (step.kind) {
    case 'acquire':
      return breaker.acquire() === null;
    case 'record':
      return void breaker.record(step.isSlow ? 101 : 100, step.isFailed ? 'failure' : 'success');
    case 'release':
      return void breaker.release();
    case 'reset':
      return void breaker.reset();
    case 'forceOpen':
      return void breaker.force('open');
    case 'forceClosed':
      return void breaker.force('closed');
    case 'advance':
      return void clock.advance(step.ms);
    case 'jump':
      return void clock.jump(step.ms);
    case 'freeze':
      return void clock.freeze();
  }
}

function playModel(step: Step, model: NaiveBreaker, now: number): boolean | undefined {
  model.goTo(now);
  switch (step.kind) {
    case 'acquire':
      return model.acquire(now);
    case 'record':
      return void model.record(now, step.isFailed, step.isSlow);
    case 'release':
      return void model.release();
    case 'reset':
      return void model.become('closed');
    case 'forceOpen':
      return void model.become('forced_open');
    case 'forceClosed':
      return void model.become('disabled');
    case 'advance':
    case 'jump':
    case 'freeze':
  }
  return undefined;
}
