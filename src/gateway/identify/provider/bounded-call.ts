import { isUtf8 } from 'node:buffer';
import type { ByteSink, ByteSource } from '../../../contracts/bytes.js';
import type { Callee, Cancellable, Cancellation, RunnerAnswer, RunnerCall } from '../../../contracts/executor.js';
import { GatewayError } from '../../../errors/gateway.error.js';

export interface CallBounds {
  /** Of the whole call, until the last byte of its answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Who waits for the answer. */
  readonly cancellation: Cancellation;
}

/** The whole answer as text; empty where it is no UTF-8, which is no JSON either. */
export interface ServerReply {
  readonly status: number;
  readonly text: string;
}

/** For calls that no client waits for alone. */
export const NOBODY: Cancellation = { cancelled: false, onCancel: () => undefined };

/**
 * Calls and reads the whole answer, within a time and a size. What comes later changes nothing and is let go of.
 * @throws GatewayError BACKEND_TIMEOUT, ANSWER_TOO_LARGE, and what the callee fails with
 */
export function boundedCall(callee: Callee, call: RunnerCall, bounds: CallBounds): Promise<ServerReply> {
  const bounded = new BoundedCall(bounds);
  void bounded.run(callee, call);
  return bounded.promise;
}

class BoundedCall implements Cancellation, Cancellable, ByteSink {
  readonly promise: Promise<ServerReply>;
  cancelled = false;
  private resolve!: (reply: ServerReply) => void;
  private reject!: (error: unknown) => void;
  private listener: Cancellable | null = null;
  private readonly timer: NodeJS.Timeout;
  private settled = false;
  private status = 0;
  private source: ByteSource | null = null;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly bounds: CallBounds) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.timer = setTimeout(() => this.stop(new GatewayError('BACKEND_TIMEOUT')), Math.max(0, bounds.timeoutMs));
    bounds.cancellation.onCancel(this);
  }

  async run(callee: Callee, call: RunnerCall): Promise<void> {
    // A client may be gone before its exchange has anything to cancel.
    if (this.bounds.cancellation.cancelled) this.cancel();
    if (this.settled) return;
    try {
      this.answered(await callee.execute(call, this));
    } catch (error) {
      this.stop(error);
    }
  }

  // ── Cancellation, towards the callee ──

  onCancel(listener: Cancellable | null): void {
    this.listener = listener;
    if (listener !== null && this.cancelled) this.tell();
  }

  // ── Cancellable, towards who waits ──

  cancel(): void {
    this.stop(new GatewayError('BACKEND_BROKE_OFF', { cause: 'the client has gone' }));
  }

  // ── ByteSink ──

  write(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    if (this.bytes > this.bounds.maxBytes) this.stop(new GatewayError('ANSWER_TOO_LARGE'));
    else if (!this.settled) this.chunks.push(chunk);
    return true;
  }

  end(): void {
    this.reply(this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks, this.bytes));
  }

  fail(error: Error): void {
    this.stop(error);
  }

  private answered(answer: RunnerAnswer): void {
    if (answer.kind === 'event') return this.event(answer.status, answer.text);
    if (this.settled) return answer.body.cancel();
    this.status = answer.status;
    this.source = answer.body;
    const whole = answer.body.whole();
    if (whole === null) answer.body.deliver(this);
    else if (this.write(whole)) this.end();
  }

  private event(status: number, text: string): void {
    if (text.length > this.bounds.maxBytes) return this.stop(new GatewayError('ANSWER_TOO_LARGE'));
    this.settle(() => this.resolve({ status, text }));
  }

  private reply(bytes: Buffer): void {
    this.settle(() => this.resolve({ status: this.status, text: isUtf8(bytes) ? bytes.toString() : '' }));
  }

  private stop(error: unknown): void {
    if (this.settled) return;
    this.settle(() => this.reject(error));
    this.cancelled = true;
    this.tell();
    this.source?.cancel();
  }

  private settle(how: () => void): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    this.bounds.cancellation.onCancel(null);
    how();
  }

  private tell(): void {
    const { listener } = this;
    this.listener = null;
    listener?.cancel();
  }
}
