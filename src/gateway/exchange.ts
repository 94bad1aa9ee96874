import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Cancellable, Cancellation } from '../contracts/executor.js';
import type { Session } from '../contracts/session-origin.js';
import type { Caller } from './identify/caller.js';
import type { CredentialPlace } from './identify/credentials/credential.js';
import type { LimitNote } from './limit/limit-note.js';
import { newSpanId, traceContext, type TraceContext, type TraceRules } from './edge/trace-context.js';
import { RunnerTry } from './record/runner-try.js';
import type { CompiledChannel, CompiledRule } from './resolve/compiled-channel.js';
import type { Answer } from './stage.js';

/** The head of a request: what a stage may know of the transport. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as they came, in origin form. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Address of who is connected to us. */
  readonly peer: string;
  /** `1.1`. */
  readonly httpVersion: string;
}

/** The body of a request, which arrives while it is worked on. */
export interface BodySource {
  /** False where the head rules a body out. */
  readonly hasBody: boolean;
  /** Content-Length, null where the client did not say. */
  readonly length: number | null;
  /** True once all of it has been read. */
  readonly complete: boolean;
  /**
   * The whole body. `bySilence`: server.requestTimeout bounds its longest silence, as for a body that streams, and not the whole.
   * @throws GatewayError BODY_TOO_LARGE, BODY_BROKEN_OFF, REQUEST_TOO_SLOW
   */
  read(limitBytes: number, bySilence?: boolean): Promise<Buffer>;
  /** The body as it comes, once; ends with an error past the limit. Destroying it leaves the connection alone. */
  stream(limitBytes: number): Readable;
}

/** What an exchange holds until it ends. */
export interface HeldPlace {
  leave(): void;
}

/** Sends one answer. Apart from the exchange, so that a call can outlive its reply or have none. */
export interface ReplyWriter {
  /** True once nothing can be sent any more. */
  readonly gone: boolean;
  send(exchange: Exchange, answer: Answer, headers: readonly string[]): void;
  /** Ends the connection without an answer: for what went wrong while one was written. */
  abandon(): void;
}

/**
 * One request in flight. All fields are assigned here, in one order, so that all exchanges share one shape; nobody adds one later.
 * Knows no type of Fastify or of a socket.
 */
export class Exchange implements Cancellation {
  /** performance.now() of its begin, and epoch ms. */
  readonly startedAt: number;
  readonly startedEpochMs: number;
  requestId = '';
  /** True where the id is the client's: it must be given back. */
  requestIdIsClients = false;
  /** Made when somebody asks: a refusal without a log line has no use for one. */
  knownTrace: TraceContext | null = null;

  /** Normal form of the path, with its extension still on. */
  path = '';
  /** Query as it came, without the question mark. */
  query = '';

  channel: CompiledChannel | null = null;
  rule: CompiledRule | null = null;
  branch = 'main';
  /** Path below the channel: normal form, extension off. */
  runnerPath = '/';
  /** `/api/request/todo`, or `/alias`. */
  publicPrefix = '';
  /** Headers in force: the client's, and what an alias' header map made of them. */
  headers: IncomingHttpHeaders;

  /** Who calls, null: nobody has said it, or nobody has asked. */
  caller: Caller | null = null;
  /** Where the credential stood that counts. */
  credentialFrom: CredentialPlace | null = null;
  /** The token that counts, as it came; null: there is none. */
  credential: string | null = null;
  /** The session that the session server keeps of the caller; null: there is none, or nobody has asked. */
  session: Session | null = null;
  /** Member `auth` of a full call, as JSON text; null: there was none. */
  bodyAuth: string | null = null;
  /** A call of the form {origin, auth, payload}. */
  isFullCall = false;
  /** What the client sent has been read. */
  inputRead = false;
  /** Headers that the answer gets besides all others, flat; null: none. */
  addedHeaders: string[] | null = null;

  /** The client's parameters as JSON text (callees that take events). */
  parameters = '{}';
  /** Member `origin` of a full call. */
  bodyOrigin: unknown = undefined;
  /** The client's body (callees that take it). */
  body: Buffer | Readable | null = null;

  attempts = 0;
  /** Epoch ms by which all tries must have ended. */
  deadline = Infinity;
  /** A place that it holds in a bulkhead; left when it ends. */
  place: HeldPlace | null = null;
  /** What was answered, for the record. */
  status = 0;
  code: number | null = null;
  error: string | null = null;
  cause: unknown = null;
  /** Which limit refused it; null: none did. */
  limit: LimitNote | null = null;
  /** performance.now() when the call to the runner began and ended, 0 without one. */
  calledAt = 0;
  calledTill = 0;
  /** Kept for sampled traces only, where spans are kept at all. */
  tries: RunnerTry[] | null = null;
  responseBytes = 0;
  /** The answer's text, kept only where the log wants it. */
  detail: string | null = null;
  /** Body and answer are credentials under whatever names, and what they were exchanged for: the log shows none of their values. */
  bodiesAreSecret = false;

  cancelled = false;
  /** Its reply is out, or its client has gone: it is recorded. */
  ended = false;
  private listener: Cancellable | null = null;

  constructor(
    readonly head: RequestHead,
    readonly source: BodySource,
    readonly reply: ReplyWriter,
    private readonly traceRules: TraceRules,
  ) {
    this.startedAt = performance.now();
    this.startedEpochMs = Date.now();
    this.headers = head.headers;
  }

  get trace(): TraceContext {
    return (this.knownTrace ??= traceContext(this.head.headers, this.traceRules));
  }

  addHeader(name: string, value: string): void {
    (this.addedHeaders ??= []).push(name, value);
  }

  beginTry(startedAt: number): RunnerTry {
    const begun = new RunnerTry(newSpanId(), startedAt);
    (this.tries ??= []).push(begun);
    return begun;
  }

  onCancel(listener: Cancellable | null): void {
    this.listener = listener;
    if (listener !== null && this.cancelled) this.cancel();
  }

  /** Nobody waits any more: the client has gone. */
  cancel(): void {
    this.cancelled = true;
    const { listener } = this;
    this.listener = null;
    listener?.cancel();
  }
}
