import type { AskedInstance } from './executor.js';

/** One try of a call to a runner. */
export interface RecordedTry {
  /** 16 lower-case hex digits: what the runner got as its parent. */
  readonly spanId: string;
  /** performance.now() of its begin and end. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Status of the HTTP answer, null where none came. */
  readonly status: number | null;
  /** Name of the error that ended it, or of what the runner's event reports; null where it answered well. */
  readonly error: string | null;
  /** The instance that was asked last; null: none was, or its executor has none. */
  readonly instance: AskedInstance | null;
  /** How many times an instance was asked: more than once where the call moved. */
  readonly times: number;
}

/** One request that has ended, as its spans tell it: no query, no body, no header but the two that are named here. */
export interface RecordedRequest {
  readonly traceId: string;
  readonly spanId: string;
  /** The client's span, null where the trace began here. */
  readonly parentSpanId: string | null;
  readonly requestId: string;
  /** performance.now() of its begin and end, and the begin in epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly startedEpochMs: number;
  readonly method: string;
  /** Normal form, empty where it has none. */
  readonly path: string;
  readonly httpVersion: string;
  readonly host: string | null;
  readonly userAgent: string | null;
  readonly channel: string | null;
  readonly status: number;
  /** Name of the refusal or fault. */
  readonly error: string | null;
  readonly attempts: number;
  readonly tries: readonly RecordedTry[];
}

/** Where requests of sampled traces go when they have ended. Null where telemetry.otlp.endpoint is not set. */
export interface RequestSpans {
  /** Takes no time worth naming and never fails: what cannot be kept is dropped, and counted. */
  record(request: RecordedRequest): void;
}
export const REQUEST_SPANS = Symbol('RequestSpans');
