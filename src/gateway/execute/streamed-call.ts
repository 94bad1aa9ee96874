import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { ByteSink, ByteSource } from '../../contracts/bytes.js';
import type { Cancellation } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Instance } from './balance/instance.js';
import { HttpCall, LAST_STATUS, type CallHome, type OutgoingRequest, type ResponseHead } from './http-call.js';

/** Bytes that a streamed answer may run ahead of the client before the backend is paused. */
const AHEAD_BYTES = 262_144;

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
    // What undici says first after a pause: whoever paused at that would never get further.
    if (chunk.length === 0) return;
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
