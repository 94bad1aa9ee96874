import { randomFillSync } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Who belongs to whom across processes: W3C Trace Context, version 00. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: this gateway's span. */
  readonly spanId: string;
  readonly sampled: boolean;
}

// One fill serves many requests: a call into the kernel or OpenSSL for each would cost more than the id.
const pool = Buffer.alloc(3072);
let hex = '';
let used = 0;

function randomHex(digits: number): string {
  if (used + digits > hex.length) {
    hex = randomFillSync(pool).toString('hex');
    used = 0;
  }
  used += digits;
  return hex.slice(used - digits, used);
}

/** A new trace, or the client's where it may give one (telemetry.trace.input.enabled) and gives a valid one. */
export function traceContext(headers: IncomingHttpHeaders, acceptsClient: boolean): TraceContext {
  const parent = acceptsClient ? (fromTraceparent(headers.traceparent) ?? fromB3(headers)) : null;
  if (parent === null) return { traceId: randomHex(32), spanId: randomHex(16), sampled: true };
  return { traceId: parent.traceId ?? randomHex(32), spanId: randomHex(16), sampled: parent.sampled };
}

export function traceparent(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
}

interface Parent {
  /** Null: the client decides on sampling, and leaves the trace to us. */
  readonly traceId: string | null;
  readonly sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROES = /^0+$/;

function fromTraceparent(value: string | string[] | undefined): Parent | null {
  if (typeof value !== 'string') return null;
  const match = TRACEPARENT.exec(value);
  // Version ff is forbidden; version 00 has no further fields; later ones may (W3C Trace Context, 3.2).
  if (match === null || match[1] === 'ff' || (match[1] === '00' && match[5] !== undefined)) return null;
  if (ZEROES.test(match[2]!) || ZEROES.test(match[3]!)) return null;
  return { traceId: match[2]!, sampled: (Number.parseInt(match[4]!, 16) & 1) === 1 };
}

const B3_TRACE = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;

/** B3, single header or several (openzipkin/b3-propagation). */
function fromB3(headers: IncomingHttpHeaders): Parent | null {
  const single = headers.b3;
  const [traceId, , decision] =
    typeof single === 'string'
      ? single.length === 1
        ? [undefined, null, single]
        : single.split('-', 4)
      : [headers['x-b3-traceid'], null, headers['x-b3-flags'] === '1' ? 'd' : headers['x-b3-sampled']];
  const sampled = decision !== '0' && decision !== 'false';
  if (traceId === undefined) return sampled ? null : { traceId: null, sampled };
  if (typeof traceId !== 'string' || !B3_TRACE.test(traceId) || ZEROES.test(traceId)) return null;
  return { traceId: traceId.padStart(32, '0'), sampled };
}
