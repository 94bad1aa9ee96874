import type { Cancellation } from '../../contracts/executor.js';
import type { GateOutcome, GateRefusal, LimitClock, PlaceGate } from './gate.js';
import { SingleTimer, SteadyTime } from './steady-time.js';
import { WaitingLine } from './waiting-line.js';

export interface BulkheadRules {
  /** Calls that may be under way at once, at least 1. */
  readonly maxConcurrentCalls: number;
  /** How long a request may wait for a place; 0: none waits. */
  readonly maxWaitMs: number;
}

export interface BulkheadSnapshot {
  readonly active: number;
  readonly waiting: number;
}

/** Requests that may wait at one bulkhead, whatever its rules: who would be one more is refused at once. */
export const MAX_WAITING = 10_000;

/** Nobody knows when a call ends. */
const FULL: GateRefusal = Object.freeze({ kind: 'refused', retryAfterMs: null });

/**
 * Bounds the calls under way at once, as resilience4j's SemaphoreBulkhead does with fair handling: a place that comes free goes to who
 * has waited longest, and nobody overtakes. Who has not got a place within the maximal wait is refused.
 */
export class Bulkhead implements PlaceGate {
  private readonly time: SteadyTime;
  private readonly timer: SingleTimer;
  private readonly line = new WaitingLine();
  /** Nobody waits while it is below the bound. */
  private active = 0;
  private isClosed = false;

  constructor(
    private rules: BulkheadRules,
    clock: LimitClock,
  ) {
    this.time = SteadyTime.of(clock);
    this.timer = new SingleTimer(this.time, () => this.expire());
  }

  enter(cancellation: Cancellation): null | GateRefusal | Promise<GateOutcome> {
    if (this.active < this.rules.maxConcurrentCalls) {
      this.active++;
      return null;
    }
    if (this.rules.maxWaitMs === 0 || this.line.size >= MAX_WAITING || this.isClosed) return FULL;
    const outcome = this.line.join(cancellation, this.time.now());
    this.watch();
    return outcome;
  }

  /** To be called once by each that was let in. Where nobody is in, it does nothing. */
  leave(): void {
    if (this.active === 0) return;
    this.active--;
    if (this.line.size > 0) this.admit();
  }

  /** Holds for who waits, too. Where there are fewer places now, calls under way go on, and nobody comes in until enough have left. */
  change(rules: BulkheadRules): void {
    this.rules = rules;
    this.timer.stop();
    this.admit();
    this.expire();
  }

  snapshot(): BulkheadSnapshot {
    return { active: this.active, waiting: this.line.size };
  }

  /** Who waits is refused, and nobody waits from now on. Calls under way may leave as ever. */
  close(): void {
    this.isClosed = true;
    this.timer.stop();
    this.line.dismissAll(FULL);
  }

  /** A late timer lets nobody in who has waited too long. */
  private admit(): void {
    const now = this.time.now();
    while (this.line.size > 0 && this.active < this.rules.maxConcurrentCalls) {
      if (now > this.firstDeadline) this.line.dismissFirst(FULL);
      else {
        this.active++;
        this.line.dismissFirst(null);
      }
    }
  }

  private expire(): void {
    const now = this.time.now();
    while (now >= this.firstDeadline) this.line.dismissFirst(FULL);
    this.watch();
  }

  /** The first to come is the first whose time is over. */
  private get firstDeadline(): number {
    return this.line.firstSince + this.rules.maxWaitMs;
  }

  /** A timer for somebody who has left meanwhile just looks for the next. */
  private watch(): void {
    if (this.line.size > 0) this.timer.startAt(this.firstDeadline);
  }
}
