import { describe, expect, it } from '@jest/globals';
import { breakerRulesOf } from '../../../src/gateway/limit/breaker/breaker-rules.js';
import { CircuitBreaker } from '../../../src/gateway/limit/breaker/circuit-breaker.js';
import { TestLimitClock } from '../../support/limit-clock.js';
import { recordedSequences } from './recorded.js';

interface Step {
  readonly pause: number;
  readonly operation: string;
  readonly duration: number;
  readonly permitted: string;
  readonly state: string;
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  readonly notPermitted: number;
  readonly failureRate: number;
  readonly slowRate: number;
}

const STATES: Readonly<Record<string, string>> = {
  c: 'closed',
  o: 'open',
  h: 'half_open',
  f: 'forced_open',
  d: 'disabled',
};
const sequences = recordedSequences<Readonly<Record<string, unknown>>, Step>('breaker');

describe('the circuit breaker', () => {
  it.each(sequences)('does what resilience4j does, step by step: sequence $number', ({ rules, steps }) => {
    const clock = new TestLimitClock();
    const breaker = new CircuitBreaker({ path: '/a', rules: breakerRulesOf(rules, '').rules!, clock });
    for (const [index, step] of steps.entries()) {
      clock.advance(step.pause);
      const permitted = play(breaker, step) ? '1' : '0';
      const { failureRate, slowRate, ...counts } = breaker.snapshot();
      const { calls, failed, slow, notPermitted } = step;
      expect({
        index,
        permitted,
        ...counts,
        failureRate: Math.fround(failureRate),
        slowRate: Math.fround(slowRate),
      }).toEqual({
        ...{ index, permitted: step.permitted, state: STATES[step.state], calls, failed, slow, notPermitted },
        // resilience4j computes rates in 32 bits.
        ...{ failureRate: Math.fround(step.failureRate), slowRate: Math.fround(step.slowRate) },
      });
    }
  });

  it('is compared in every state, and on every operation', () => {
    const steps = sequences.flatMap((sequence) => sequence.steps);
    expect(new Set(steps.map(({ state }) => state)).size).toBe(5);
    expect([...new Set(steps.map(({ operation }) => operation))].sort().join('')).toBe('CDORafrs');
  });
});

function play(breaker: CircuitBreaker, { operation, duration }: Step): boolean {
  switch (operation) {
    case 'a':
      return breaker.acquire() === null;
    case 's':
    case 'f':
      breaker.record(duration, operation === 'f' ? 'failure' : 'success');
      break;
    case 'r':
      breaker.release();
      break;
    case 'O':
    case 'D':
      breaker.force(operation === 'O' ? 'open' : 'closed');
      break;
    default:
      breaker.reset();
  }
  return false;
}
