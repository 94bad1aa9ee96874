import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GateVisitor, told } from '../../../test/support/gate-visitor.js';
import { TestLimitClock } from '../../../test/support/limit-clock.js';
import { GlobalRate, type GlobalRateRules } from './global-rate.js';

interface ModelRequest {
  readonly since: number;
  state: GateVisitor['state'];
}

/** Goes from cycle to cycle, one by one, and tries out the future for each that comes. */
class NaiveRate {
  private cycleBeganAt: number;
  private used = 0;
  private line: ModelRequest[] = [];

  constructor(
    private rules: GlobalRateRules,
    begin: number,
  ) {
    this.cycleBeganAt = begin;
  }

  enter(now: number): ModelRequest {
    this.goTo(now);
    const request: ModelRequest = { since: now, state: 'waiting' };
    if (this.used < this.rules.periodLimit) {
      this.used++;
      request.state = 'in';
    } else if (this.turnOf(this.line.length) - now > this.rules.timeoutMs) request.state = 'refused';
    else this.line.push(request);
    return request;
  }

  leave(request: ModelRequest): void {
    if (request.state === 'waiting') request.state = 'gone';
    this.line = this.line.filter((other) => other !== request);
  }

  change(rules: GlobalRateRules, now: number): void {
    this.goTo(now);
    this.rules = rules;
    this.admit();
    this.goTo(now);
    for (const request of [...this.line]) {
      const turn = this.turnOf(this.line.indexOf(request));
      if (turn - request.since <= rules.timeoutMs) continue;
      request.state = 'refused';
      this.line = this.line.filter((other) => other !== request);
    }
  }

  goTo(now: number): void {
    while (this.cycleBeganAt + this.rules.refreshPeriodMs <= now) {
      this.cycleBeganAt += this.rules.refreshPeriodMs;
      this.used = 0;
      this.admit();
    }
  }

  get left(): number {
    return Math.max(0, this.rules.periodLimit - this.used);
  }

  get waiting(): number {
    return this.line.length;
  }

  private admit(): void {
    while (this.line.length > 0 && this.used < this.rules.periodLimit) {
      this.used++;
      this.line.shift()!.state = 'in';
    }
  }

  private turnOf(place: number): number {
    let turn = this.cycleBeganAt + this.rules.refreshPeriodMs;
    for (let before = this.rules.periodLimit; before <= place; before += this.rules.periodLimit)
      turn += this.rules.refreshPeriodMs;
    return turn;
  }
}

const rulesArbitrary = fc.record({
  refreshPeriodMs: fc.integer({ min: 5, max: 50 }),
  periodLimit: fc.integer({ min: 1, max: 4 }),
  timeoutMs: fc.integer({ min: 0, max: 150 }),
});

type Step =
  | { readonly kind: 'enter' }
  | { readonly kind: 'go'; readonly who: number }
  | { readonly kind: 'advance' | 'stall' | 'jump'; readonly ms: number }
  | { readonly kind: 'freeze' }
  | { readonly kind: 'change'; readonly rules: GlobalRateRules };

const enter = fc.constant<Step>({ kind: 'enter' });
const go = fc.record({ kind: fc.constant('go' as const), who: fc.nat(100) });
const pass = (kind: 'advance' | 'stall') =>
  fc.record({
    kind: fc.constant(kind),
    // Within a cycle, about a border, and a quiet spell.
    ms: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(4, 5, 6, 10, 50), fc.constant(20_000)),
  });
const change = fc.record({ kind: fc.constant('change' as const), rules: rulesArbitrary });
const jump = fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -100_000, max: 0 }) });
const freeze = fc.constant<Step>({ kind: 'freeze' });

describe('a global rate', () => {
  it('does what a naive one does, whatever comes and goes, however late its timer is', async () => {
    const steps = fc.array(fc.oneof({ arbitrary: enter, weight: 5 }, go, pass('advance'), pass('stall'), change), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(rulesArbitrary, steps, async (rules, sequence) => {
        const clock = new TestLimitClock();
        const rate = new GlobalRate(rules, clock);
        const model = new NaiveRate(rules, clock.now());
        const visitors: GateVisitor[] = [];
        const requests: ModelRequest[] = [];
        for (const step of sequence) {
          if (step.kind === 'enter') {
            visitors.push(new GateVisitor().enter(rate));
            requests.push(model.enter(clock.now()));
          } else if (step.kind === 'go') {
            // A late timer may have let in who goes: only the machine's time tells.
            rate.snapshot();
            model.goTo(clock.now());
            await told();
            const who = step.who % Math.max(1, visitors.length);
            visitors[who]?.go();
            if (requests[who] !== undefined) model.leave(requests[who]);
          } else play(step, rate, clock);
          if (step.kind === 'change') model.change(step.rules, clock.now());
          model.goTo(clock.now());
          expect(rate.snapshot()).toEqual({ available: model.left, waiting: model.waiting });
          await told();
          expect(visitors.map(({ state }) => state)).toEqual(requests.map(({ state }) => state));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets no more in than its limit in any cycle, keeps the order and ends every wait, whatever the clock says', async () => {
    const steps = fc.array(
      fc.oneof({ arbitrary: enter, weight: 5 }, go, pass('advance'), pass('stall'), jump, freeze),
      {
        maxLength: 60,
      },
    );
    await fc.assert(
      fc.asyncProperty(rulesArbitrary, steps, async (rules, sequence) => {
        const clock = new TestLimitClock();
        const rate = new GlobalRate(rules, clock);
        const visitors: GateVisitor[] = [];
        for (const step of sequence) {
          if (step.kind === 'enter') visitors.push(new GateVisitor().enter(rate));
          else if (step.kind === 'go') visitors[step.who % Math.max(1, visitors.length)]?.go();
          else play(step, rate, clock);
          await told();
          const { available, waiting } = rate.snapshot();
          expect(available).toBeGreaterThanOrEqual(0);
          expect(available).toBeLessThanOrEqual(rules.periodLimit);
          expect(waiting).toBeLessThanOrEqual((1 + rules.timeoutMs / rules.refreshPeriodMs) * rules.periodLimit);
          expect(clock.timerCount).toBeLessThanOrEqual(1);
          await told();
          const open = visitors.filter(({ state }) => state === 'in' || state === 'waiting').map(({ state }) => state);
          expect(open).toEqual(open.toSorted());
        }
        clock.advance(rules.timeoutMs + 2 * rules.refreshPeriodMs);
        await told();
        expect(visitors.filter(({ state }) => state === 'waiting')).toEqual([]);
        rate.close();
        rate.close();
        expect(clock.timerCount).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

function play(step: Step, rate: GlobalRate, clock: TestLimitClock): void {
  switch (step.kind) {
    case 'advance':
      return clock.advance(step.ms);
    case 'stall':
      return clock.stall(step.ms);
    case 'jump':
      return clock.jump(step.ms);
    case 'freeze':
      return clock.freeze();
    case 'change':
      return rate.change(step.rules);
    case 'enter':
    case 'go':
  }
}
