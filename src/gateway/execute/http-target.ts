import { Pool } from 'undici';
import type { Callee, Cancellation, Destination, PrepareContext, Target } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { CollectedCall, StreamedCall, type Collected, type Streamed } from './http-call.js';
import type { HttpParameters } from './http-parameters.js';

export interface OutgoingRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: string | Buffer | import('node:stream').Readable | null;
}

/** Binds what a channel says to this target; differs between rpc and crud. */
export type BindHttp = (target: HttpTarget, destination: Destination) => Callee;

/** One backend over HTTP: a pool of connections, bounded in number, age and in who may wait for one. */
export class HttpTarget implements Target {
  private pool: Pool | null = null;
  private inFlight = 0;
  private readonly maxInFlight: number;

  readonly key: string;

  constructor(
    private readonly context: Pick<PrepareContext, 'key' | 'connected'>,
    readonly parameters: HttpParameters,
    private readonly binding: BindHttp,
  ) {
    this.key = context.key;
    this.maxInFlight = parameters.maxConnections + parameters.maxPending;
  }

  ready(): boolean {
    return true;
  }

  bind(destination: Destination): Callee {
    return this.binding(this, destination);
  }

  /** @throws GatewayError SYSTEM_BUSY */
  collect(request: OutgoingRequest, cancellation: Cancellation): Promise<Collected> {
    this.enter();
    const call = new CollectedCall(this.waits, cancellation, this.parameters.maxBufferedBytes);
    this.dispatch(request, call);
    return call.promise;
  }

  /** @throws GatewayError SYSTEM_BUSY */
  stream(request: OutgoingRequest, cancellation: Cancellation): Promise<Streamed> {
    this.enter();
    const { body } = request;
    const upload = body === null || typeof body === 'string' || Buffer.isBuffer(body) ? null : body;
    const call = new StreamedCall(this.waits, cancellation, upload);
    this.dispatch(request, call);
    return call.promise;
  }

  async close(): Promise<void> {
    await this.pool?.close();
  }

  private readonly waits = {
    timeoutMs: 0,
    retryAfterSeconds: 0,
    isExhausted: (): boolean => this.inFlight > this.parameters.maxConnections,
    done: (): void => {
      this.inFlight--;
    },
  };

  private enter(): void {
    if (this.inFlight >= this.maxInFlight) {
      throw new GatewayError('SYSTEM_BUSY', { retryAfterSeconds: this.parameters.retryAfterSeconds });
    }
    this.waits.timeoutMs = this.parameters.timeoutMs;
    this.waits.retryAfterSeconds = this.parameters.retryAfterSeconds;
    this.inFlight++;
  }

  private dispatch(request: OutgoingRequest, call: CollectedCall | StreamedCall): void {
    try {
      this.open().dispatch(request, call);
    } catch (error) {
      // undici refuses an impossible request (a header value, a path) before anything is sent.
      call.abort(new GatewayError('EXECUTOR_FAILED', { cause: error }));
    }
  }

  /** The pool is made by the first call: a configuration that is only checked opens nothing. */
  private open(): Pool {
    if (this.pool !== null) return this.pool;
    const { parameters } = this;
    this.pool = new Pool(parameters.origin, {
      connections: parameters.maxConnections,
      pipelining: 1,
      keepAliveTimeout: parameters.maxIdleMs,
      // A server may name a shorter idle time, never a longer one.
      keepAliveMaxTimeout: parameters.maxIdleMs,
      ...(parameters.maxLifeMs === null ? {} : { clientTtl: parameters.maxLifeMs }),
      connect: { timeout: parameters.connectTimeoutMs },
      // One timer of ours bounds each try; undici's are coarser, and would be two more.
      headersTimeout: 0,
      bodyTimeout: 0,
      // HTTP/2 has no limit of connections in this sense.
      allowH2: false,
    });
    const { connected } = this.context;
    if (connected !== undefined) this.pool.on('connect', () => connected());
    return this.pool;
  }
}
