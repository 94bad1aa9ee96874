import type { Refusal } from '../stage.js';
import type { GateRefusal } from './gate.js';

/** Where nobody can say when it is worth another try. */
const UNKNOWN_SECONDS = 30;

/**
 * A refusal with its Retry-After: whole seconds, rounded up, at least 1 (spec/resilience.md).
 * @param fixedSeconds what the system sets for all of its 503s; null: nothing
 */
export function refusedFor(refused: Refusal, { retryAfterMs }: GateRefusal, fixedSeconds: number | null): Refusal {
  const seconds = retryAfterMs === null ? UNKNOWN_SECONDS : Math.max(1, Math.ceil(retryAfterMs / 1000));
  return { ...refused, retryAfterSeconds: fixedSeconds ?? seconds };
}
