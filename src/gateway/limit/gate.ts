import type { Cancellation } from '../../contracts/executor.js';

/** Why a gate lets nobody in. */
export interface GateRefusal {
  readonly kind: 'refused';
  /** ms until another try may get in; null: nobody can say. */
  readonly retryAfterMs: number | null;
}

/** The client went while it waited: it holds no place, and has used up nothing. */
export type GateOutcome = null | GateRefusal | 'gone';

/** What requests pass one by one, waiting in order where they must (spec/resilience.md). */
export interface Gate {
  /**
   * Null: in, at once. A promise: it waits its turn, in order, and listens to the cancellation meanwhile. Never rejects.
   */
  enter(cancellation: Cancellation): null | GateRefusal | Promise<GateOutcome>;
}

/** A gate whose places are limited: who is in leaves once. */
export interface PlaceGate extends Gate {
  leave(): void;
}

/** What keeps calls from a backend that fails: each that is let through says how it ended, or that it says nothing. */
export interface BreakerGate {
  /** For the log: closed, open, half_open, forced_open or disabled. */
  readonly stateName: string;
  acquire(): null | GateRefusal;
  record(durationMs: number, outcome: 'success' | 'failure'): void;
  release(): void;
}

/** Time as policies know it: a test gives its own. */
export interface LimitClock {
  /** ms that only grow, from any start. */
  now(): number;
  /** Runs once, unless the function that it gives is called before. Holds no process up. */
  after(ms: number, run: () => void): () => void;
}

export const SYSTEM_LIMIT_CLOCK: LimitClock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
