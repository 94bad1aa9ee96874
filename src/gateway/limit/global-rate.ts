import type { Cancellation } from '../../contracts/executor.js';
import type { Gate, GateOutcome, GateRefusal, LimitClock } from './gate.js';
import { SingleTimer, SteadyTime } from './steady-time.js';
import { WaitingLine } from './waiting-line.js';

export interface GlobalRateRules {
  /** Length of a cycle, at least 1. */
  readonly refreshPeriodMs: number;
  /** Requests that a cycle lets in, at least 1. */
  readonly periodLimit: number;
  /** How long a request may wait for its cycle; 0: none waits. */
  readonly timeoutMs: number;
}

export interface GlobalRateSnapshot {
  /** Permissions that are left in this cycle. */
  readonly available: number;
  readonly waiting: number;
}

/** What sums of fractions of ms may be off by. */
const ROUNDING_MS = 0.001;
const CLOSED: GateRefusal = Object.freeze({ kind: 'refused', retryAfterMs: null });

/**
 * Lets in so many requests a cycle, as resilience4j's AtomicRateLimiter does: cycles follow each other from the making of the rate on,
 * and what one leaves over is lost. A request waits, in order, if its cycle begins within the timeout; so no more wait than can be
 * let in within it. Who leaves makes room for the next.
 */
export class GlobalRate implements Gate {
  private readonly time: SteadyTime;
  private readonly timer: SingleTimer;
  private readonly line = new WaitingLine();
  /** Where cycles are counted from. */
  private origin: number;
  private cycle = 0;
  private cycleEndsAt: number;
  /** When somebody came last. */
  private cameAt = 0;
  /** Permissions of this cycle that are gone: above the limit where that was lowered meanwhile. Nobody waits while it is below. */
  private used = 0;
  private isClosed = false;

  constructor(
    private rules: GlobalRateRules,
    clock: LimitClock,
  ) {
    this.time = SteadyTime.of(clock);
    this.timer = new SingleTimer(this.time, () => this.catchUp());
    this.origin = this.time.now();
    this.cycleEndsAt = this.origin + rules.refreshPeriodMs;
  }

  enter(cancellation: Cancellation): null | GateRefusal | Promise<GateOutcome> {
    const now = (this.cameAt = this.time.now());
    if (now >= this.cycleEndsAt) this.turn(now);
    if (this.used < this.rules.periodLimit) {
      this.used++;
      return null;
    }
    const waitMs = this.msUntilPermission(now);
    if (waitMs > this.rules.timeoutMs || this.isClosed) return { kind: 'refused', retryAfterMs: waitMs };
    const outcome = this.line.join(cancellation, now);
    this.watch();
    return outcome;
  }

  /** What was let in already in this cycle stays counted, who waits keeps its turn unless that comes too late now. */
  change(rules: GlobalRateRules): void {
    this.catchUp();
    this.origin += this.cycle * this.rules.refreshPeriodMs;
    this.cycle = 0;
    this.cycleEndsAt = this.origin + rules.refreshPeriodMs;
    this.rules = rules;
    while (this.used < rules.periodLimit && this.line.size > 0) {
      this.used++;
      this.line.dismissFirst(null);
    }
    this.timer.stop();
    this.catchUp();
    this.refuseLate();
  }

  snapshot(): GlobalRateSnapshot {
    this.catchUp();
    return { available: Math.max(0, this.rules.periodLimit - this.used), waiting: this.line.size };
  }

  // ── what answers tell of it, after enter() ──

  get available(): number {
    return Math.max(0, this.rules.periodLimit - this.used);
  }

  /** Until the next cycle begins, from when somebody came last. */
  get msToReset(): number {
    return Math.max(0, this.cycleEndsAt - this.cameAt);
  }

  /** Who waits is refused, and nobody waits from now on. */
  close(): void {
    this.isClosed = true;
    this.timer.stop();
    this.line.dismissAll(CLOSED);
  }

  private catchUp(): void {
    const now = this.time.now();
    if (now >= this.cycleEndsAt) this.turn(now);
    this.watch();
  }

  /** Permissions of cycles that have begun go first to those who wait: each was promised one of them. */
  private turn(now: number): void {
    const { refreshPeriodMs, periodLimit } = this.rules;
    const begun = Math.max(1, Math.floor((now - this.origin) / refreshPeriodMs) - this.cycle);
    this.cycle += begun;
    this.cycleEndsAt = this.origin + (this.cycle + 1) * refreshPeriodMs;
    const permissions = begun * periodLimit;
    const admitted = Math.min(permissions, this.line.size);
    for (let index = 0; index < admitted; index++) this.line.dismissFirst(null);
    this.used = Math.max(0, periodLimit - (permissions - admitted));
  }

  /** For whoever comes now, behind those who wait; also when the next cycle begins with a free permission. */
  private msUntilPermission(now: number): number {
    const fullCycles = Math.floor(this.line.size / this.rules.periodLimit);
    return this.cycleEndsAt - now + fullCycles * this.rules.refreshPeriodMs;
  }

  private refuseLate(): void {
    const { refreshPeriodMs, periodLimit, timeoutMs } = this.rules;
    const refusal: GateRefusal = { kind: 'refused', retryAfterMs: this.cycleEndsAt - this.time.now() };
    this.line.refuseWhere((since, place) => {
      const turnAt = this.cycleEndsAt + Math.floor(place / periodLimit) * refreshPeriodMs;
      return turnAt - since > timeoutMs + ROUNDING_MS;
    }, refusal);
  }

  private watch(): void {
    if (this.line.size > 0) this.timer.startAt(this.cycleEndsAt);
  }
}
