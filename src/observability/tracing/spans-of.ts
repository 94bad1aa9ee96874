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
  const method = KNOWN_METHODS.has(request.method) ? request.method : '_OTHER';
  const name = `${method === '_OTHER' ? 'HTTP' : method} ${request.channel ?? 'none'}`;
  const context = contextOf(request.traceId, request.spanId, false);
  const own = span(
    {
      ...{ name, kind: SERVER, context, resource, attributes: attributesOf(request, method) },
      parent: request.parentSpanId === null ? undefined : contextOf(request.traceId, request.parentSpanId, true),
      isError: request.status >= 500,
    },
    timesOf(request, request),
  );
  const tries = request.tries.map((tried, index) =>
    span(
      {
        ...{ name, kind: CLIENT, resource, parent: context, isError: tried.error !== null || isFailure(tried) },
        context: contextOf(request.traceId, tried.spanId, false),
        attributes: attributesOfTry(request, tried, index + 1),
      },
      timesOf(request, tried),
    ),
  );
  return [own, ...tries];
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
  readonly resource: Resource;
  readonly isError: boolean;
}

interface SpanTimes {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
}

function span(parts: SpanParts, { startTime, endTime, duration }: SpanTimes): ReadableSpan {
  const { name, kind, context, parent, attributes, resource, isError } = parts;
  return {
    ...{ name, kind, attributes, resource, startTime, endTime, duration },
    spanContext: () => context,
    ...(parent === undefined ? {} : { parentSpanContext: parent }),
    status: isError ? ERROR : UNSET,
    links: NONE,
    events: NONE,
    ended: true,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const contextOf = (traceId: string, spanId: string, isRemote: boolean): SpanContext => ({
  traceId,
  spanId,
  traceFlags: SAMPLED,
  isRemote,
});

/** The monotonic clock gives durations, the request's begin the time of day. */
function timesOf(
  request: RecordedRequest,
  { startedAt, endedAt }: Pick<RecordedTry, 'startedAt' | 'endedAt'>,
): SpanTimes {
  const begunMs = request.startedEpochMs + (startedAt - request.startedAt);
  const lastedMs = Math.max(0, endedAt - startedAt);
  return { startTime: hrTime(begunMs), endTime: hrTime(begunMs + lastedMs), duration: hrTime(lastedMs) };
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
