import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { ByteSink, ByteSource } from '../../contracts/bytes.js';
import type { Cancellable, Cancellation } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Instance } from './balance/instance.js';
import { translated } from './http-failure.js';

export type ResponseHead = Record<string, string | string[] | undefined>;

/** Bytes that a streamed answer may run ahead of the client before the backend is paused. */
const AHEAD_BYTES = 262_144;

/** Beyond it no HTTP status means anything (RFC 9110, 15). */
const LAST_STATUS = 599;

export interface OutgoingRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: string | Buffer | Readable | null;
  /** ms of this try where it is not the system's. */
  readonly timeoutMs?: number;
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
abstract class HttpCall<R> implements AnyHttpCall, Cancellable {
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
    this.abort(isOurs ? new GatewayError('SYSTEM_BUSY', { retryAfterSeconds }) : new GatewayError('BACKEND_TIMEOUT'));
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

export interface Collected {
  readonly status: number;
  readonly headers: ResponseHead;
  readonly body: Buffer;
}

/** Holds the whole answer in memory, up to a bound. */
export class CollectedCall extends HttpCall<Collected> {
  private status = 0;
  private headers: ResponseHead = {};
  private first: Buffer | null = null;
  private more: Buffer[] | null = null;
  private bytes = 0;

  // eslint-disable-next-line max-params -- made in one place
  constructor(
    home: CallHome,
    request: OutgoingRequest,
    instance: Instance,
    cancellation: Cancellation,
    private readonly maxBytes: number,
  ) {
    super(home, request, instance, cancellation);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHead): void {
    if (status >= 200) this.headCame(status);
    if (status > LAST_STATUS) return this.abort(new GatewayError('ANSWER_UNREADABLE', { cause: `status ${status}` }));
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) return this.abort(new GatewayError('ANSWER_TOO_LARGE'));
    if (this.first === null) this.first = chunk;
    else (this.more ??= [this.first]).push(chunk);
  }

  onResponseEnd(): void {
    this.finish();
    if (this.settled) return;
    this.settled = true;
    const body = this.more === null ? (this.first ?? EMPTY) : Buffer.concat(this.more, this.bytes);
    this.resolve({ status: this.status, headers: this.headers, body });
  }

  protected failLate(): void {}
}

const EMPTY = Buffer.alloc(0);

export interface Streamed {
  readonly status: number;
  readonly headers: ResponseHead;
  readonly body: ByteSource;
}

/** Hands the answer on when its head is here; the rest follows with back-pressure. */
export class StreamedCall extends HttpCall<Streamed> implements ByteSource {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private complete = false;
  private broken: GatewayError | null = null;
  private sink: ByteSink | null = null;

  /** The client's body where it streams. */
  private readonly upload: Readable | null;

  constructor(home: CallHome, request: OutgoingRequest, instance: Instance, cancellation: Cancellation) {
    super(home, request, instance, cancellation);
    const { body } = request;
    this.upload = body === null || typeof body === 'string' || Buffer.isBuffer(body) ? null : body;
  }

  /** An upload that flows is no silent backend. */
  onBodySent(): void {
    this.restartTimer();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHead): void {
    // 1xx: hints that are not passed on; the answer is still to come.
    if (status < 200 || this.settled) return;
    this.headCame(status);
    if (status > LAST_STATUS) return this.abort(new GatewayError('ANSWER_UNREADABLE', { cause: `status ${status}` }));
    this.settled = true;
    this.restartTimer();
    this.resolve({ status, headers, body: this });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.restartTimer();
    if (this.sink !== null) {
      if (!this.sink.write(chunk)) controller.pause();
      return;
    }
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    if (this.waitingBytes > AHEAD_BYTES) controller.pause();
  }

  onResponseEnd(): void {
    this.finish();
    this.complete = true;
    this.sink?.end();
  }

  override timedOut(): void {
    // A client that reads or sends slowly is not a silent backend; the edge bounds how slowly it may send.
    const { upload } = this;
    const awaitsClient = upload !== null && !upload.readableEnded && upload.readableLength === 0;
    if (this.controller?.paused === true || (awaitsClient && this.controller !== null)) this.restartTimer();
    else super.timedOut();
  }

  whole(): Buffer | null {
    if (!this.complete) return null;
    return this.waiting.length === 1 ? this.waiting[0]! : Buffer.concat(this.waiting, this.waitingBytes);
  }

  deliver(sink: ByteSink): void {
    this.sink = sink;
    let wantsMore = true;
    for (const chunk of this.waiting) wantsMore = sink.write(chunk);
    this.waiting = [];
    if (this.broken !== null) sink.fail(this.broken);
    else if (this.complete) sink.end();
    else if (wantsMore) this.resume();
  }

  resume(): void {
    if (this.controller?.paused !== true) return;
    this.restartTimer();
    this.controller.resume();
  }

  protected failLate(error: GatewayError): void {
    this.broken = error;
    this.sink?.fail(error);
  }
}
