/** Why an instance gets no calls. */
export type OutReason =
  /** No connection could be made. */
  | 'unreachable'
  /** It takes connections and says nothing. */
  | 'silent'
  /** Its answers were errors, one after the other. */
  | 'errors'
  /** Its health check failed. */
  | 'check';

interface Out {
  readonly kind: 'out';
  readonly reason: OutReason;
  readonly sinceMs: number;
  /** When it is looked at next: by a probe, or by a call on trial. */
  readonly retryAtMs: number;
  /** Looks that failed since then. */
  readonly looks: number;
}

export type HealthState =
  | { readonly kind: 'serving' }
  | Out
  /** One call decides: there is no other way to see whether its answers are good again. */
  | { readonly kind: 'trial'; readonly out: Out };

const SERVING: HealthState = Object.freeze({ kind: 'serving' });

/** Failed answers in a row that take an instance out. */
const MOST_FAILURES = 5;
/** Failed health checks in a row that do; a refused connection is enough alone. */
const MOST_FAILED_CHECKS = 2;
/** From one look at an instance that is out to the next: doubled from the first to the longest. */
const FIRST_LOOK_MS = 250;
const LONGEST_LOOK_MS = 5000;
/** How long one whose answers were errors stays out before a call is tried on it: doubled each time in a row. */
const FIRST_TRIAL_MS = 5000;
const LONGEST_TRIAL_MS = 60_000;
/** Served so long without being taken out, it starts anew. */
const FORGIVEN_AFTER_MS = 60_000;

/** Whether one instance gets calls. Pure: every time is an argument, in ms of one steady clock. */
export class InstanceHealth {
  state: HealthState = SERVING;
  private failures = 0;
  private failedChecks = 0;
  /** Times in a row that it was taken out because of its answers. */
  private turns = 0;
  private restoredAtMs = -Infinity;

  get serves(): boolean {
    return this.state.kind === 'serving';
  }

  get reason(): OutReason | null {
    return this.state.kind === 'out' ? this.state.reason : this.state.kind === 'trial' ? this.state.out.reason : null;
  }

  /** An answer came, or an error instead of one. True: there were too many errors in a row. */
  answered(isGood: boolean, nowMs: number): boolean {
    const { state } = this;
    if (state.kind === 'trial') {
      if (isGood) this.restore(nowMs);
      else this.takeOut('errors', nowMs);
      return false;
    }
    if (isGood) {
      this.failures = 0;
      return false;
    }
    this.failures++;
    return state.kind === 'serving' && this.failures >= MOST_FAILURES;
  }

  /** False where it is out already, for a reason that is as good. */
  takeOut(reason: OutReason, nowMs: number): boolean {
    const { state } = this;
    if (state.kind === 'out' && state.reason !== 'errors') return false;
    const isForgiven = state.kind === 'serving' && nowMs - this.restoredAtMs > FORGIVEN_AFTER_MS;
    if (reason === 'errors') this.turns = isForgiven ? 1 : this.turns + 1;
    const waitMs =
      reason === 'errors' ? Math.min(FIRST_TRIAL_MS * 2 ** (this.turns - 1), LONGEST_TRIAL_MS) : FIRST_LOOK_MS;
    this.state = { kind: 'out', reason, sinceMs: nowMs, retryAtMs: nowMs + waitMs, looks: 0 };
    this.failures = 0;
    return true;
  }

  /** Whether it is time to look at one that is out. */
  isDue(nowMs: number): boolean {
    return this.state.kind === 'out' && nowMs >= this.state.retryAtMs;
  }

  /** The next call decides. */
  beginTrial(): void {
    if (this.state.kind === 'out') this.state = { kind: 'trial', out: this.state };
  }

  /** The call on trial said nothing about the instance (its client went away): another may try. */
  abandonTrial(): void {
    if (this.state.kind === 'trial') this.state = this.state.out;
  }

  /** What a probe or a health check found. True: it is to be taken out. */
  checked(isGood: boolean, nowMs: number): boolean {
    const { state } = this;
    if (isGood) {
      this.failedChecks = 0;
      if (state.kind === 'out') this.restore(nowMs);
      return false;
    }
    if (state.kind === 'serving') return ++this.failedChecks >= MOST_FAILED_CHECKS;
    if (state.kind === 'out') {
      const looks = state.looks + 1;
      const waitMs = Math.min(FIRST_LOOK_MS * 2 ** looks, LONGEST_LOOK_MS);
      this.state = { ...state, looks, retryAtMs: nowMs + waitMs };
    }
    return false;
  }

  private restore(nowMs: number): void {
    this.state = SERVING;
    this.failures = 0;
    this.failedChecks = 0;
    this.restoredAtMs = nowMs;
  }
}
