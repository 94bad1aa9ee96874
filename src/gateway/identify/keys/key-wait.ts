import type { Cancellable, Cancellation } from '../../../contracts/executor.js';
import { clientGone, failedFor, type KeyOutcome } from './key-outcome.js';

export interface WaitBounds {
  /** Infinity: only the provider's own limit holds. */
  readonly timeoutMs: number;
  /** Who waits. */
  readonly cancellation: Cancellation;
}

/** Node's timers know no longer one. */
const LONGEST_MS = 2_147_483_647;

/**
 * Waits for a call that others wait for too: its client may go and its time may be over, the call stays theirs.
 * Rejects as the call does.
 */
export function waitFor(call: Promise<KeyOutcome>, bounds: WaitBounds): Promise<KeyOutcome> {
  return new KeyWait(call, bounds).outcome;
}

class KeyWait implements Cancellable {
  readonly outcome: Promise<KeyOutcome>;
  private resolve!: (outcome: KeyOutcome) => void;
  private timer: NodeJS.Timeout | undefined;
  private settled = false;

  constructor(
    call: Promise<KeyOutcome>,
    private readonly bounds: WaitBounds,
  ) {
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve;
      call.then(
        (outcome) => this.settle(outcome),
        (fault: Error) => {
          if (this.end()) reject(fault);
        },
      );
    });
    const { timeoutMs, cancellation } = bounds;
    if (timeoutMs !== Infinity)
      this.timer = setTimeout(
        () => this.settle(failedFor('BACKEND_TIMEOUT')),
        Math.min(LONGEST_MS, Math.max(0, timeoutMs)),
      );
    cancellation.onCancel(this);
  }

  cancel(): void {
    this.settle(clientGone());
  }

  private settle(outcome: KeyOutcome): void {
    if (this.end()) this.resolve(outcome);
  }

  private end(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.timer);
    this.bounds.cancellation.onCancel(null);
    return true;
  }
}
