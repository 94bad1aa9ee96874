export type BreakerState = 'closed' | 'open' | 'half-open' | 'forced-open' | 'forced-closed';

/** One circuit breaker as operators see it. */
export interface BreakerView {
  readonly channel: string;
  /** The concrete path that it guards. */
  readonly path: string;
  readonly state: BreakerState;
  /** Percent of the calls in its window; -1 while there are too few. */
  readonly failureRate: number;
  readonly slowCallRate: number;
  readonly calls: number;
}

/** The breakers of this process: seen by operators, and moved by administrators. */
export interface BreakerStates {
  list(): readonly BreakerView[];
  /** `closed` resets it: an empty window, no force. False where there is no such breaker. */
  force(channel: string, path: string, state: 'closed' | 'forced-open' | 'forced-closed'): boolean;
}
export const BREAKER_STATES = Symbol('BreakerStates');
