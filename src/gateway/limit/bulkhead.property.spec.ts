import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GateVisitor, told } from '../../../test/support/gate-visitor.js';
import { TestLimitClock } from '../../../test/support/limit-clock.js';
import { Bulkhead, type BulkheadRules } from './bulkhead.js';

interface ModelRequest {
  readonly since: number;
  state: GateVisitor['state'];
}

class NaiveBulkhead {
  active = 0;
  private line: ModelRequest[] = [];

  constructor(private rules: BulkheadRules) {}

  get waiting(): number {
    return this.line.length;
  }

  enter(now: number): ModelRequest {
    const request: ModelRequest = { since: now, state: 'waiting' };
    if (this.active < this.rules.maxConcurrentCalls) {
      this.active++;
      request.state = 'in';
    } else if (this.rules.maxWaitMs === 0) request.state = 'refused';
    else this.line.push(request);
    return request;
  }

  leave(now: number): void {
    this.active = Math.max(0, this.active - 1);
    this.admit(now);
  }

  go(request: ModelRequest): void {
    if (request.state === 'waiting') request.state = 'gone';
    this.line = this.line.filter((other) => other !== request);
  }

  change(rules: BulkheadRules, now: number): void {
    this.rules = rules;
    this.admit(now);
    this.expire(now);
  }

  /** When the timer has run. */
  expire(now: number): void {
    for (const request of this.line) if (now >= request.since + this.rules.maxWaitMs) request.state = 'refused';
    this.line = this.line.filter(({ state }) => state === 'waiting');
  }

  private admit(now: number): void {
    while (this.line.length > 0 && this.active < this.rules.maxConcurrentCalls) {
      const request = this.line.shift()!;
      request.state = now > request.since + this.rules.maxWaitMs ? 'refused' : 'in';
      if (request.state === 'in') this.active++;
    }
  }
}

const rulesArbitrary = fc.record({
  maxConcurrentCalls: fc.integer({ min: 1, max: 4 }),
  maxWaitMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
});

type Step =
  | { readonly kind: 'enter' | 'leave' | 'freeze' }
  | { readonly kind: 'go'; readonly who: number }
  | { readonly kind: 'advance' | 'stall' | 'jump'; readonly ms: number }
  | { readonly kind: 'change'; readonly rules: BulkheadRules };

const simple = (kind: 'enter' | 'leave' | 'freeze') => fc.constant<Step>({ kind });
const go = fc.record({ kind: fc.constant('go' as const), who: fc.nat(100) });
const pass = (kind: 'advance' | 'stall') =>
  fc.record({ kind: fc.constant(kind), ms: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(3_600_000)) });
const change = fc.record({ kind: fc.constant('change' as const), rules: rulesArbitrary });
const jump = fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -100_000, max: 0 }) });
const visits = [
  { arbitrary: simple('enter'), weight: 5 },
  { arbitrary: simple('leave'), weight: 3 },
  { arbitrary: go, weight: 1 },
  { arbitrary: pass('advance'), weight: 1 },
];

describe('a bulkhead', () => {
  it('does what a naive one does, whatever comes, leaves and goes, however late its timer is', async () => {
    const steps = fc.array(fc.oneof(...visits, pass('stall'), change), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rulesArbitrary, steps, async (rules, sequence) => {
        const clock = new TestLimitClock();
        const bulkhead = new Bulkhead(rules, clock);
        const model = new NaiveBulkhead(rules);
        const visitors: GateVisitor[] = [];
        const requests: ModelRequest[] = [];
        for (const step of sequence) {
          if (step.kind === 'enter') {
            visitors.push(new GateVisitor().enter(bulkhead));
            requests.push(model.enter(clock.now()));
          } else if (step.kind === 'go') {
            const who = step.who % Math.max(1, visitors.length);
            visitors[who]?.go();
            if (requests[who] !== undefined) model.go(requests[who]);
          } else play(step, bulkhead, clock);
          if (step.kind === 'leave') model.leave(clock.now());
          if (step.kind === 'change') model.change(step.rules, clock.now());
          if (step.kind === 'advance') model.expire(clock.now());
          expect(bulkhead.snapshot()).toEqual({ active: model.active, waiting: model.waiting });
          await told();
          expect(visitors.map(({ state }) => state)).toEqual(requests.map(({ state }) => state));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has no more in than places, keeps the order and ends every wait, whatever the clock says', async () => {
    const steps = fc.array(fc.oneof(...visits, pass('stall'), jump, simple('freeze')), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rulesArbitrary, steps, async (rules, sequence) => {
        const clock = new TestLimitClock();
        const bulkhead = new Bulkhead(rules, clock);
        const visitors: GateVisitor[] = [];
        for (const step of sequence) {
          if (step.kind === 'enter') visitors.push(new GateVisitor().enter(bulkhead));
          else if (step.kind === 'go') visitors[step.who % Math.max(1, visitors.length)]?.go();
          else play(step, bulkhead, clock);
          const { active, waiting } = bulkhead.snapshot();
          expect(active).toBeGreaterThanOrEqual(0);
          expect(active).toBeLessThanOrEqual(rules.maxConcurrentCalls);
          expect(waiting === 0 || active === rules.maxConcurrentCalls).toBe(true);
          expect(clock.timerCount).toBeLessThanOrEqual(1);
          await told();
          const open = visitors.filter(({ state }) => state === 'in' || state === 'waiting').map(({ state }) => state);
          expect(open).toEqual(open.toSorted());
        }
        // Its timer may have been set before the last came: each runs out in a wait of its own.
        clock.advance(2 * rules.maxWaitMs);
        await told();
        expect(visitors.filter(({ state }) => state === 'waiting')).toEqual([]);
        bulkhead.close();
        bulkhead.close();
        expect(clock.timerCount).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

function play(step: Step, bulkhead: Bulkhead, clock: TestLimitClock): void {
  switch (step.kind) {
    case 'leave':
      return bulkhead.leave();
    case 'advance':
      return clock.advance(step.ms);
    case 'stall':
      return clock.stall(step.ms);
    case 'jump':
      return clock.jump(step.ms);
    case 'freeze':
      return clock.freeze();
    case 'change':
      return bulkhead.change(step.rules);
    case 'enter':
    case 'go':
  }
}
