import type { Dispatcher } from 'undici';
import type { Cancellation } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Instance } from './balance/instance.js';
import { HttpCall, LAST_STATUS, type CallHome, type OutgoingRequest, type ResponseHead } from './http-call.js';

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
