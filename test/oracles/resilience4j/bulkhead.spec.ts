import { describe, expect, it } from '@jest/globals';
import { Bulkhead, type BulkheadRules } from '../../../src/gateway/limit/bulkhead.js';
import { GateVisitor, told } from '../../support/gate-visitor.js';
import { TestLimitClock } from '../../support/limit-clock.js';
import { recordedSequences } from './recorded.js';

interface Step {
  readonly operation: string;
  /** Number of the request, -1: no certain one. */
  readonly about: number;
  readonly active: number;
  readonly waiting: number;
  /** Who got in or was refused, in order. */
  readonly ended: string;
}

describe('the bulkhead', () => {
  it.each(recordedSequences<BulkheadRules & { readonly tickMs: number }, Step>('bulkhead'))(
    "gives places to whom resilience4j's fair SemaphoreBulkhead gives them: sequence $number",
    async ({ rules, steps }) => {
      const clock = new TestLimitClock();
      const bulkhead = new Bulkhead(rules, clock);
      const waiting = new Map<number, GateVisitor>();
      for (const [index, step] of steps.entries()) {
        if (step.operation === 'e') waiting.set(step.about, new GateVisitor().enter(bulkhead));
        else if (step.operation === 'l') bulkhead.leave();
        else if (step.operation === 'g') waiting.get(step.about)?.go();
        else clock.advance(rules.tickMs);
        await told();
        const ended = endedOf(waiting);
        const { active, waiting: inLine } = bulkhead.snapshot();
        expect({ index, active, waiting: inLine, ended }).toEqual({ index, ...countsOf(step), ended: step.ended });
      }
      bulkhead.close();
    },
  );
});

function countsOf({ active, waiting }: Step): { readonly active: number; readonly waiting: number } {
  return { active, waiting };
}

/** Takes those out who know how they ended. */
function endedOf(waiting: Map<number, GateVisitor>): string {
  const ended: string[] = [];
  for (const [number, { state }] of waiting) {
    if (state === 'waiting') continue;
    waiting.delete(number);
    if (state !== 'gone') ended.push(`${state === 'in' ? '+' : '-'}${number}`);
  }
  return ended.join(' ');
}
