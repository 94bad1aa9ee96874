import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { CallWitness, Cancellable, Cancellation } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Instance } from './balance/instance.js';
import { translated } from './http-failure.js';

export type ResponseHead = Record<string, string | string[] | undefined>;

/** Beyond it no HTTP status means anything (RFC 9110, 15). */
export const LAST_STATUS = 599;

export interface OutgoingRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: string | Buffer | Readable | null;
  /** ms of this try where it is not the system's. */
  readonly timeoutMs?: number;
  /** Never to be sent again once it was. */
  readonly sentOnce?: boolean;
  readonly witness?: CallWitness | null;
}

/** Whose calls they are: hands out instances, and hears how each call went. */
export interface CallHome {
  /** ms of the whole answer (collected), or until its head and then of silence (streamed). */
  readonly timeoutMs: number;
  /** For Retry-After of what we hold back ourselves. */
  readonly retryAfterSeconds: number;
  /** True where the instance has no connection left: time that ran out then was ours, not the backend's. */
  isExhausted(instance: Instance): boolean;
  /** The head of an answer has come. */
  answered(instance: Instance, status: number): void;
  /** No answer came; true: the call is under way again, on another instance or connection. */
  lost(call: AnyHttpCall, error: Error): boolean;
  timedOut(call: AnyHttpCall): void;
  /** The client has gone before the answer. */
  abandoned(instance: Instance): void;
  /** The call has left its instance, exactly once. */
  ended(instance: Instance): void;
}

/** A call as its home sees it, whatever it resolves with. */
export interface AnyHttpCall extends Dispatcher.DispatchHandler {
  readonly request: OutgoingRequest;
  readonly instance: Instance;
  /** Instances that were sent it and did not answer; null: none. */
  readonly tried: readonly Instance[] | null;
  /** Whether a connection has taken it: from then on the backend may have it. */
  readonly isSent: boolean;
  /** Moves to an instance, perhaps the same, and begins anew. */
  moveTo(instance: Instance): void;
  /** Ends the call with this error, whatever the backend does from now on. */
  abort(error: GatewayError): void;
}

/**
 * One call over undici, at the level of its dispatcher: no stream objects, no AbortSignal, one timer. Settles once; a backend that
 * answers late, twice or after we gave up changes nothing.
 */
export abstract class HttpCall<R> implements AnyHttpCall, Cancellable {
  readonly promise: Promise<R>;
  protected resolve!: (answer: R) => void;
  private reject!: (error: Error) => void;
  protected controller: Dispatcher.DispatchController | null = null;
  private timer: NodeJS.Timeout | null;
  protected settled = false;
  protected hasHead = false;
  private ended = false;
  private failure: GatewayError | null = null;
  tried: readonly Instance[] | null = null;

  constructor(
    private readonly home: CallHome,
    readonly request: OutgoingRequest,
    public instance: Instance,
    private readonly cancellation: Cancellation,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.timer = setTimeout(onTimeout, request.timeoutMs ?? home.timeoutMs, this);
    cancellation.onCancel(this);
  }

  get isSent(): boolean {
    return this.controller !== null;
  }

  moveTo(instance: Instance): void {
    if (this.isSent) this.tried = [...(this.tried ?? []), this.instance];
    this.instance = instance;
    this.controller = null;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.failure !== null) controller.abort(this.failure);
  }

  abstract onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHead): void;
  abstract onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void;
  abstract onResponseEnd(): void;

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.failure === null && !this.hasHead && !this.ended && this.home.lost(this, error)) return;
    this.fail(this.failure ?? translated(error, this.isSent));
  }

  /** The client has gone: the backend need not go on. */
  cancel(): void {
    if (!this.hasHead && !this.ended) this.home.abandoned(this.instance);
    this.abort(new GatewayError('BACKEND_BROKE_OFF', { cause: 'the client has gone' }));
  }

  timedOut(): void {
    const isOurs = !this.isSent && this.home.isExhausted(this.instance);
    const { retryAfterSeconds } = this.home;
    if (!isOurs) this.home.timedOut(this);
    this.abort(
      isOurs
        ? new GatewayError('SYSTEM_BUSY', { retryAfterSeconds })
        : new GatewayError('BACKEND_TIMEOUT', { isUnsent: !this.isSent }),
    );
  }

  abort(error: GatewayError): void {
    this.failure ??= error;
    this.controller?.abort(this.failure);
    this.fail(this.failure);
  }

  protected fail(error: GatewayError): void {
    this.finish();
    if (this.settled) return this.failLate(error);
    this.settled = true;
    this.reject(error);
  }

  /** After the answer was handed on. */
  protected abstract failLate(error: GatewayError): void;

  /** Gives the place in the pool back: exactly once. */
  protected finish(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.cancellation.onCancel(null);
    this.home.ended(this.instance);
  }

  protected headCame(status: number): void {
    this.hasHead = true;
    this.home.answered(this.instance, status);
  }

  protected restartTimer(): void {
    this.timer?.refresh();
  }
}

function onTimeout(call: { timedOut(): void }): void {
  call.timedOut();
}
