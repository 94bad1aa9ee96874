import type { Cancellable, Cancellation } from '../../src/contracts/executor.js';
import type { Gate, GateOutcome } from '../../src/gateway/limit/gate.js';

/** A client at a gate, who may go. */
export class GateVisitor implements Cancellation {
  cancelled = false;
  listener: Cancellable | null = null;
  /** `waiting` until it is known how it ended. */
  state: 'waiting' | 'in' | 'refused' | 'gone' = 'waiting';
  retryAfterMs: number | null = null;

  onCancel(listener: Cancellable | null): void {
    this.listener = listener;
  }

  go(): void {
    this.cancelled = true;
    this.listener?.cancel();
  }

  enter(gate: Gate): this {
    const outcome = gate.enter(this);
    if (outcome instanceof Promise) void outcome.then((ended) => this.end(ended));
    else this.end(outcome);
    return this;
  }

  private end(outcome: GateOutcome): void {
    if (outcome === null) this.state = 'in';
    else if (outcome === 'gone') this.state = 'gone';
    else {
      this.state = 'refused';
      this.retryAfterMs = outcome.retryAfterMs;
    }
  }
}

/** What waited and was told by now knows it afterwards. */
export const told = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
