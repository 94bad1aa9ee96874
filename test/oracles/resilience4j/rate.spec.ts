import { describe, expect, it } from '@jest/globals';
import { GlobalRate, type GlobalRateRules } from '../../../src/gateway/limit/global-rate.js';
import { GateVisitor, told } from '../../support/gate-visitor.js';
import { TestLimitClock } from '../../support/limit-clock.js';
import { recordedSequences } from './recorded.js';

interface Step {
  readonly pause: number;
  /** ms until the request is let in, -1: it is refused. */
  readonly wait: number;
  /** Below 0: so many wait for later cycles. */
  readonly available: number;
}

describe('the global rate', () => {
  it.each(recordedSequences<GlobalRateRules, Step>('rate'))(
    "lets in whom resilience4j's AtomicRateLimiter lets in, at the same time: sequence $number",
    async ({ rules, steps }) => {
      const clock = new TestLimitClock();
      const rate = new GlobalRate(rules, clock);
      const visitors: { readonly dueAt: number; readonly visitor: GateVisitor }[] = [];
      for (const [index, { pause, wait, available }] of steps.entries()) {
        clock.advance(pause);
        const visitor = new GateVisitor().enter(rate);
        const { available: left, waiting } = rate.snapshot();
        expect({ index, available: left - waiting }).toEqual({ index, available });
        expect({ index, state: visitor.state }).toEqual({ index, state: stateAfter(wait) });
        visitors.push({ dueAt: clock.now() + wait, visitor });
        await told();
        const late = visitors.filter(({ dueAt, visitor: { state } }) => state === 'waiting' && dueAt <= clock.now());
        const early = visitors.filter(({ dueAt, visitor: { state } }) => state === 'in' && dueAt > clock.now());
        expect({ index, late: late.length, early: early.length }).toEqual({ index, late: 0, early: 0 });
      }
      rate.close();
    },
  );
});

function stateAfter(wait: number): GateVisitor['state'] {
  if (wait === 0) return 'in';
  return wait < 0 ? 'refused' : 'waiting';
}
