import type { Attributes, HrTime, SpanContext } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { RecordedRequest, RecordedTry } from '../../contracts/request-spans.js';

// The enums of @opentelemetry/api, which is not loaded where nothing is exported.
const SERVER = 1;
const CLIENT = 2;
const UNSET = { code: 0 } as const;
const ERROR = { code: 2 } as const;
const SAMPLED = 1;

const KNOWN_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Characters of what a client can choose. */
const MAX_TEXT = 256;
const MAX_PATH = 1024;
const SCOPE = Object.freeze({ name: 'sluice' });
const NONE: [] = [];

/**
 * The spans of one request: its own, and one for each try of its call. Attributes are those of the stable semantic conventions for
 * HTTP, and ours with the prefix `sluice.`.
 */
export function spansOf(request: RecordedRequest, resource: Resource): ReadableSpan[] {
  const { traceId, parentSpanId } = request;
  const method = KNOWN_METHODS.has(request.method) ? request.method : '_OTHER';
  const name = `${method === '_OTHER' ? 'HTTP' : method} ${request.channel ?? 'none'}`;
  const context = contextOf(traceId, request.spanId, false);
  const own = {
    name,
    kind: SERVER,
    context,
    parent: parentSpanId === null ? undefined : contextOf(traceId, parentSpanId, true),
    attributes: attributesOf(request, method),
    isError: request.status >= 500,
  } as const;
  const spans = [new EndedSpan(own, timesOf(request, request), resource)];
  for (const [index, tried] of request.tries.entries()) {
    const parts = {
      name,
      kind: CLIENT,
      context: contextOf(traceId, tried.spanId, false),
      parent: context,
      attributes: attributesOfTry(request, tried, index + 1),
      isError: tried.error !== null || isFailure(tried),
    } as const;
    spans.push(new EndedSpan(parts, timesOf(request, tried), resource));
  }
  return spans;
}

/** A client's span is in error from 400 on. */
const isFailure = ({ status }: RecordedTry): boolean => status !== null && status >= 400;

function attributesOf(request: RecordedRequest, method: string): Attributes {
  const attributes: Attributes = {
    'http.request.method': method,
    'http.response.status_code': request.status,
    'network.protocol.version': request.httpVersion,
    'sluice.request_id': request.requestId,
  };
  if (request.path !== '') attributes['url.path'] = request.path.slice(0, MAX_PATH);
  if (request.channel !== null) attributes['sluice.channel'] = request.channel;
  if (request.attempts > 0) attributes['sluice.attempts'] = request.attempts;
  if (request.userAgent !== null) attributes['user_agent.original'] = request.userAgent.slice(0, MAX_TEXT);
  const errorType = request.error ?? (request.status >= 500 ? String(request.status) : null);
  if (errorType !== null) attributes['error.type'] = errorType;
  addServer(attributes, request.host);
  return attributes;
}

function attributesOfTry(request: RecordedRequest, tried: RecordedTry, attempt: number): Attributes {
  const attributes: Attributes = { 'sluice.attempt': attempt };
  if (request.channel !== null) attributes['sluice.channel'] = request.channel;
  const { instance } = tried;
  if (instance !== null) {
    attributes['http.request.method'] = instance.method;
    attributes['server.address'] = instance.host;
    attributes['server.port'] = instance.port;
    attributes['sluice.system'] = instance.system;
  }
  if (tried.times > 1) attributes['sluice.instances_asked'] = tried.times;
  if (attempt > 1) attributes['http.request.resend_count'] = attempt - 1;
  if (tried.status !== null) attributes['http.response.status_code'] = tried.status;
  const errorType = tried.error ?? (isFailure(tried) ? String(tried.status) : null);
  if (errorType !== null) attributes['error.type'] = errorType;
  return attributes;
}

const HOST = /^(\[[0-9a-fA-F:.]+\]|[^:@/]{1,255})(?::(\d{1,5}))?$/;

function addServer(attributes: Attributes, host: string | null): void {
  const match = host === null ? null : HOST.exec(host);
  if (match === null) return;
  attributes['server.address'] = match[1]!;
  if (match[2] !== undefined) attributes['server.port'] = Number(match[2]);
}

interface SpanParts {
  readonly name: string;
  readonly kind: typeof SERVER | typeof CLIENT;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes;
  readonly isError: boolean;
}

/** A span that is over when it is made: the SDK's own would be begun, filled and ended, at several times the cost. */
class EndedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: typeof SERVER | typeof CLIENT;
  readonly parentSpanContext?: SpanContext;
  readonly attributes: Attributes;
  readonly status: typeof UNSET | typeof ERROR;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly links = NONE;
  readonly events = NONE;
  readonly ended = true;
  readonly instrumentationScope = SCOPE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  private readonly context: SpanContext;

  constructor(
    parts: SpanParts,
    { begunMs, lastedMs }: SpanTimes,
    readonly resource: Resource,
  ) {
    this.name = parts.name;
    this.kind = parts.kind;
    this.context = parts.context;
    if (parts.parent !== undefined) this.parentSpanContext = parts.parent;
    this.attributes = parts.attributes;
    this.status = parts.isError ? ERROR : UNSET;
    this.startTime = hrTime(begunMs);
    this.endTime = hrTime(begunMs + lastedMs);
    this.duration = hrTime(lastedMs);
  }

  spanContext(): SpanContext {
    return this.context;
  }
}

const contextOf = (traceId: string, spanId: string, isRemote: boolean): SpanContext => ({
  traceId,
  spanId,
  traceFlags: SAMPLED,
  isRemote,
});

interface SpanTimes {
  /** Epoch ms, with a fraction. */
  readonly begunMs: number;
  readonly lastedMs: number;
}

/** The monotonic clock gives durations, the request's begin the time of day. */
const timesOf = (
  request: RecordedRequest,
  { startedAt, endedAt }: Pick<RecordedTry, 'startedAt' | 'endedAt'>,
): SpanTimes => ({
  begunMs: request.startedEpochMs + (startedAt - request.startedAt),
  lastedMs: Math.max(0, endedAt - startedAt),
});

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
