import type { RecordedRequest, RecordedTry } from '../../contracts/request-spans.js';
import type { Exchange } from '../exchange.js';

/** Whether a request is one of a channel, or was refused: health and metrics pages have no spans. */
export const hasSpans = ({ channel, error }: Exchange): boolean => channel !== null || error !== null;

/** What of an exchange goes into its spans. */
export function recordedRequest(exchange: Exchange, endedAt: number): RecordedRequest {
  const { trace, head } = exchange;
  const { host, 'user-agent': userAgent } = head.headers;
  return {
    traceId: trace.traceId,
    spanId: trace.spanId,
    parentSpanId: trace.parentSpanId,
    requestId: exchange.requestId,
    startedAt: exchange.startedAt,
    endedAt,
    startedEpochMs: exchange.startedEpochMs,
    method: head.method,
    path: exchange.path,
    httpVersion: head.httpVersion,
    host: host ?? null,
    userAgent: userAgent ?? null,
    channel: exchange.channel?.id ?? null,
    status: exchange.status,
    error: exchange.error,
    attempts: exchange.attempts,
    tries: exchange.tries === null ? NO_TRIES : exchange.tries.map((tried) => ended(tried, endedAt)),
  };
}

const NO_TRIES: readonly RecordedTry[] = Object.freeze([]);

/** A call that its client did not wait for ends with it. */
function ended(tried: RecordedTry, requestEndedAt: number): RecordedTry {
  const { spanId, startedAt, endedAt, status, error, instance, times } = tried;
  return { spanId, startedAt, endedAt: endedAt === 0 ? requestEndedAt : endedAt, status, error, instance, times };
}
