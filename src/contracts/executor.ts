import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { ByteSource } from './bytes.js';

/** How one parameter of an executor is written, checked, shown and documented. The key may end in `*`. */
export interface ParameterSpec {
  readonly type: 'string' | 'integer' | 'boolean' | 'url' | 'choice';
  readonly doc: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** Never shown again in clear. */
  readonly secret?: boolean;
  /** Why the value has no effect yet: becomes a warning on the record, so that nobody relies on it. */
  readonly notInForce?: string;
  /** What whoever sets it to anything but false should know: becomes a warning on the record. */
  readonly warns?: string;
}
export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** A parameter that cannot be used. Becomes a fault of the record, with the pointer `/parameters/{name}`. */
export interface ParameterFault {
  readonly parameter: string;
  readonly message: string;
}

/** Thrown by `prepare` with every fault at once. */
export class ParametersRejected extends Error {
  constructor(readonly faults: readonly ParameterFault[]) {
    super(faults.map((fault) => `${fault.parameter}: ${fault.message}`).join('; '));
    this.name = 'ParametersRejected';
  }
}

/**
 * Carries calls to runners over one protocol. Holds no state of a request.
 * Registered under a name and aliases with `@RegisterExecutor`; found at boot.
 */
export interface Executor {
  /** What the executor reads; masks, forms and the check of a record are made from it. */
  readonly parameterSpecs: ParameterSpecs;
  /** The same where it depends on the parameters themselves what is read. */
  specsFor?(parameters: Readonly<Record<string, unknown>>): ParameterSpecs;
  /**
   * Makes the way to one backend from a system's parameters (a channel's own among them): once for all channels with equal
   * parameters. Opens nothing: connections are made by the first call.
   * @throws ParametersRejected
   */
  prepare(parameters: ReadonlyMap<string, string>, context: PrepareContext): Target;
}

export interface PrepareContext {
  /** Of the system, or of the channel that holds its own: for logs and metrics. */
  readonly name: string;
  /** Content of executor and parameters: equal keys may share a target, and a reload keeps a target whose key stays. */
  readonly key: string;
  /** Bytes of an answer that may be buffered where the system does not say it (codecs.memory.maxSize). */
  readonly maxBufferedBytes: number;
  /** To be called for each connection that the target opens: ephemeral lookups are resolved again then. */
  readonly connected?: () => void;
}

/** A pool, consumer or socket to one backend. */
export interface Target {
  readonly key: string;
  /** False while the target cannot serve at all (a consumer without an assignment). */
  ready(): boolean;
  /** Binds the target to what a channel says: once per channel, when it is compiled. */
  bind(destination: Destination): Callee;
  /** In force from now on: may look for its backend and after it. Called more than once where reloads keep it. */
  begin?(): void;
  /** Ends when calls under way have ended; new ones are not begun on it. */
  close(): Promise<void>;
}

export interface Destination {
  readonly channel: string;
  /** Path or topic at the backend, as the record has it. */
  readonly target: string;
  /** Method towards the backend, null: the executor's own. */
  readonly method: string | null;
  /** Further headers of a runner's answer that may reach the client, in lower case. */
  readonly allowedRunnerHeaders: ReadonlySet<string>;
}

/** What a backend's system says of all its calls. */
export interface CalleeBounds {
  /** ms of all tries of one call; null: only each try has a limit. */
  readonly totalTimeoutMs: number | null;
  /** Seconds that the gateway's own 503s tell to wait; null: the system does not say. */
  readonly retryAfterSeconds: number | null;
}

/** One channel's way to its backend. */
export interface Callee {
  readonly bounds?: CalleeBounds;
  /** Whether the call needs the event (the client's body read whole) or takes the body as it comes. */
  readonly takes: 'event' | 'body';
  /** What is sent and answered holds secrets: logs show names of members alone. */
  readonly hidesBodies?: boolean;
  /** @throws GatewayError for every failure of the call; what the runner itself answered is a RunnerAnswer. */
  execute(call: RunnerCall, cancellation: Cancellation): Promise<RunnerAnswer>;
  /** Where the backend has an address: what a Location of it is to clients, who find the channel at `publicPrefix`. */
  publicLocation?(location: string, publicPrefix: string): string;
  /** Where the protocol can push: a stream of answers until the runner ends it or the client goes. */
  open?(call: RunnerCall, cancellation: Cancellation): AsyncIterable<RunnerAnswer>;
}

/** Where a call is sent. */
export interface AskedInstance {
  readonly system: string;
  /** Towards the backend. */
  readonly method: string;
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Hears where a try goes, for its span. Told of nothing that could be a secret: no path, no header, no body. */
export interface CallWitness {
  /** Each time that an instance is asked: more than once where the first could not be reached, or a connection was lost. */
  asked(instance: AskedInstance): void;
}

/** Whom the rule of a path lets in: users with a role, every user of the channel's kind of token, everybody. */
export type OpensTo = 'roles' | 'users' | 'everybody';

/** One try of one call. Everything in it is checked, and in normal form. */
export interface RunnerCall {
  readonly requestId: string;
  readonly method: string;
  /** Normal form of spec/apis.md, decoded, with a leading slash. */
  readonly path: string;
  /** The same, percent-encoded for a URL. */
  readonly encodedPath: string;
  /** Query as it came, without the question mark. */
  readonly query: string;
  /** W3C traceparent to send on. */
  readonly traceparent: string;
  /** What other tracing systems say of the trace (W3C tracestate); null where the client's trace is not accepted. */
  readonly tracestate: string | null;
  readonly headers: IncomingHttpHeaders;
  /** The event as JSON text (callees that take events). */
  event(): string;
  /** requestMeta alone as JSON text, without auth. */
  requestMeta(): string;
  /** The client's body for callees that take it: bytes that were kept, a stream that can be read once, or null. */
  readonly body: Buffer | Readable | null;
  /** Content-Length of a body that is a stream, null if the client did not say. */
  readonly bodyLength: number | null;
  /** Where clients find this channel, e.g. `/api/request/todo`: what a Location of the backend is rewritten to. */
  readonly publicPrefix: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** It must not arrive twice: where it was sent and its connection is lost, nobody sends it again. */
  readonly sentOnce?: boolean;
  /** Of a channel's call: whom its rule lets in, and whether an API key is what was let in. */
  readonly opensTo?: OpensTo;
  readonly byApiKey?: boolean;
  /** Null, or left out: nobody wants to know. */
  readonly witness?: CallWitness | null;
  /** Epoch ms by which all tries must have ended; Infinity: each try has only its own limit. */
  readonly deadline: number;
}

/**
 * Tells a call that nobody waits for its answer any more. Takes one listener at a time and calls it at most once.
 * Not an AbortSignal: making and wiring one costs each request more than its pipeline does.
 */
export interface Cancellation {
  readonly cancelled: boolean;
  /** Called at once where it is too late already; null takes the listener off. */
  onCancel(listener: Cancellable | null): void;
}

export interface Cancellable {
  cancel(): void;
}

export type RunnerAnswer =
  /**
   * JSON text, an event as a rule; what is none is returned as it is (spec/runner-contract.md). Not checked yet: who answers the
   * client reads it once. `status` is that of the HTTP answer around it, 200 elsewhere.
   */
  | { readonly kind: 'event'; readonly status: number; readonly text: string }
  /** Bytes with status and the headers that may pass, as a flat list of names and values. */
  | {
      readonly kind: 'stream';
      readonly status: number;
      readonly headers: readonly string[];
      readonly body: ByteSource;
    };
