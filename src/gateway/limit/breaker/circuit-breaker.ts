import type { BreakerGate, GateRefusal, LimitClock } from '../gate.js';
import { SteadyTime } from '../steady-time.js';
import type { BreakerRules } from './breaker-rules.js';
import { emptyWindow, trialWindowFor, windowFor, type CallWindow } from './call-windows.js';

/** `disabled` is resilience4j's name for forced closed: everything passes, nothing counts. */
export type BreakerStateName = 'closed' | 'open' | 'half_open' | 'forced_open' | 'disabled';

export interface BreakerChange {
  readonly path: string;
  readonly from: BreakerStateName;
  readonly to: BreakerStateName;
}

/** Told of each change of state, when the new one is in force. Must not throw. */
export type BreakerListener = (change: BreakerChange) => void;

export interface BreakerSnapshot {
  readonly state: BreakerStateName;
  /** Percent of the calls in the window; -1 while there are too few. */
  readonly failureRate: number;
  readonly slowRate: number;
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  /** Calls that were held back since the window began. */
  readonly notPermitted: number;
}

export interface BreakerOptions {
  /** The concrete path that it guards. */
  readonly path: string;
  readonly rules: BreakerRules;
  readonly clock: LimitClock;
  readonly onChange?: BreakerListener;
}

type State =
  | { readonly kind: 'closed'; readonly window: CallWindow }
  /** Goes on with the window that opened it: late results are still seen in it. */
  | { readonly kind: 'open'; readonly window: CallWindow; readonly until: number; readonly cancelTimer: () => void }
  | { readonly kind: 'half_open'; readonly window: CallWindow; permits: number; readonly cancelTimer: () => void }
  | { readonly kind: 'forced_open' | 'disabled'; readonly window: CallWindow };

const NOBODY_KNOWS: GateRefusal = Object.freeze({ kind: 'refused', retryAfterMs: null });
const NO_TIMER = (): void => undefined;

/**
 * Holds calls back from a backend that fails or is slow, with the semantics of resilience4j (test/oracles/resilience4j compares).
 * Each call that `acquire` lets through ends with one `record` or `release`. A result that comes after a change of state counts in the
 * state that it meets: an open breaker only shows it, a half-open one decides by it, a forced one ignores it.
 */
export class CircuitBreaker implements BreakerGate {
  readonly path: string;
  private readonly rules: BreakerRules;
  private readonly time: SteadyTime;
  private readonly onChange: BreakerListener | null;
  private state: State;
  private isShut = false;

  constructor({ path, rules, clock, onChange }: BreakerOptions) {
    this.path = path;
    this.rules = rules;
    this.time = SteadyTime.of(clock);
    this.onChange = onChange ?? null;
    this.state = { kind: 'closed', window: windowFor(rules, this.time) };
  }

  get stateName(): BreakerStateName {
    return this.state.kind;
  }

  /** Null: the call may go on. */
  acquire(): null | GateRefusal {
    const { state } = this;
    switch (state.kind) {
      case 'closed':
      case 'disabled':
        return null;
      case 'half_open':
        return takePermit(state);
      case 'open':
        return this.acquireOpen(state);
      case 'forced_open':
        state.window.notPermitted++;
        return NOBODY_KNOWS;
    }
  }

  /** How a call ended that was let through. */
  record(durationMs: number, outcome: 'success' | 'failure'): void {
    const { state } = this;
    if (state.kind === 'forced_open' || state.kind === 'disabled') return;
    const { window } = state;
    window.record(outcome === 'failure', durationMs > this.rules.slowCallMs);
    if (state.kind === 'open' || window.calls < window.minimumCalls) return;
    if (this.isAboveThreshold(window)) this.open(window);
    else if (state.kind === 'half_open') this.closeAnew();
  }

  /**
   * A call that was let through ended without a word about the backend: another may take its permit. Unlike in resilience4j there are
   * never more permits than the rule has: clients that leave together must not all be replaced at a backend that is on trial.
   */
  release(): void {
    const { state } = this;
    if (state.kind === 'half_open') state.permits = Math.min(this.rules.halfOpenCalls, state.permits + 1);
  }

  /** Open: nothing passes; closed: everything passes and nothing counts, both until null ends it, with an empty window. */
  force(forced: 'open' | 'closed' | null): void {
    if (forced === null) {
      if (this.state.kind === 'forced_open' || this.state.kind === 'disabled') this.closeAnew();
      return;
    }
    this.enter({ kind: forced === 'open' ? 'forced_open' : 'disabled', window: emptyWindow() });
  }

  /** Closed, by no force, with an empty window. */
  reset(): void {
    this.closeAnew();
  }

  snapshot(): BreakerSnapshot {
    const { kind, window } = this.state;
    window.update();
    const { calls, failed, slow, notPermitted, minimumCalls } = window;
    const counts = calls > 0 && calls >= minimumCalls;
    const failureRate = counts ? (failed * 100) / calls : -1;
    const slowRate = counts ? (slow * 100) / calls : -1;
    return { state: kind, failureRate, slowRate, calls, failed, slow, notPermitted };
  }

  /** Ends its timer, and starts no other. Calls under way may still say how they ended. */
  close(): void {
    this.isShut = true;
    this.cancelTimer();
  }

  private acquireOpen(state: State & { kind: 'open' }): null | GateRefusal {
    const leftMs = state.until - this.time.now();
    if (leftMs < 0) return takePermit(this.halfOpen());
    state.window.notPermitted++;
    return { kind: 'refused', retryAfterMs: leftMs };
  }

  private isAboveThreshold({ calls, failed, slow }: CallWindow): boolean {
    const { failureRatePercent, slowCallRatePercent } = this.rules;
    return (failed * 100) / calls >= failureRatePercent || (slow * 100) / calls >= slowCallRatePercent;
  }

  private open(window: CallWindow): void {
    const { openMs, isHalfOpenByTimer } = this.rules;
    const cancelTimer = isHalfOpenByTimer ? this.startTimer(openMs, () => void this.halfOpen()) : NO_TIMER;
    this.enter({ kind: 'open', window, until: this.time.now() + openMs, cancelTimer });
  }

  private halfOpen(): State & { kind: 'half_open' } {
    const { halfOpenCalls, maxHalfOpenMs } = this.rules;
    const window = trialWindowFor(this.rules);
    const cancelTimer = maxHalfOpenMs > 0 ? this.startTimer(maxHalfOpenMs, () => this.open(window)) : NO_TIMER;
    const state = { kind: 'half_open' as const, window, permits: halfOpenCalls, cancelTimer };
    this.enter(state);
    return state;
  }

  private closeAnew(): void {
    this.enter({ kind: 'closed', window: windowFor(this.rules, this.time) });
  }

  private enter(state: State): void {
    this.cancelTimer();
    const from = this.state.kind;
    this.state = state;
    if (from !== state.kind && this.onChange !== null) this.onChange({ path: this.path, from, to: state.kind });
  }

  private startTimer(ms: number, run: () => void): () => void {
    return this.isShut ? NO_TIMER : this.time.after(ms, run);
  }

  private cancelTimer(): void {
    if ('cancelTimer' in this.state) this.state.cancelTimer();
  }
}

function takePermit(state: State & { kind: 'half_open' }): null | GateRefusal {
  if (state.permits > 0) {
    state.permits--;
    return null;
  }
  state.window.notPermitted++;
  return NOBODY_KNOWS;
}
