import { randomFillSync } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Who belongs to whom across processes: W3C Trace Context, version 00. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: this gateway's span. */
  readonly spanId: string;
  /** The client's span, null where the trace began here. */
  readonly parentSpanId: string | null;
  /** Decided once: by the client where it may give the trace, else by the trace id (telemetry.sampling). */
  readonly sampled: boolean;
}

/** What settings say of traces. */
export interface TraceRules {
  /** Whether the client may name the trace (telemetry.trace.input.enabled). */
  readonly acceptClientTrace: boolean;
  /** Share of new traces that are sampled, 0 to 1 (telemetry.sampling). */
  readonly traceSampling: number;
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

export const newSpanId = (): string => randomHex(16);

/** A new trace, or the client's where it may give one and gives a valid one. */
export function traceContext(headers: IncomingHttpHeaders, rules: TraceRules): TraceContext {
  const parent = rules.acceptClientTrace ? (fromTraceparent(headers.traceparent) ?? fromB3(headers)) : null;
  const traceId = parent?.traceId ?? randomHex(32);
  return {
    traceId,
    spanId: randomHex(16),
    parentSpanId: parent?.spanId ?? null,
    sampled: parent?.sampled ?? isSampled(traceId, rules.traceSampling),
  };
}

/** Whether a trace belongs to that share of all: by the digits that every generator makes at random (W3C level 2, its last 56 bits). */
export function isSampled(traceId: string, share: number): boolean {
  if (share >= 1) return true;
  let value = 0;
  for (let index = 19; index < 32; index++) value = value * 16 + digitOf(traceId.charCodeAt(index));
  return value >= (1 - share) * 2 ** 52;
}

const digitOf = (code: number): number => (code < 58 ? code - 48 : code - 87);

/** Names the span that calls: the try's own, or the request's where no spans are kept. */
export function traceparent(trace: TraceContext, spanId = trace.spanId): string {
  return `00-${trace.traceId}-${spanId}-${trace.sampled ? '01' : '00'}`;
}

interface Parent {
  /** Null: the client decides on sampling, and leaves the trace to us. */
  readonly traceId: string | null;
  readonly spanId: string | null;
  /** Null: it leaves the decision to us. */
  readonly sampled: boolean | null;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROES = /^0+$/;

function fromTraceparent(value: string | string[] | undefined): Parent | null {
  if (typeof value !== 'string') return null;
  const match = TRACEPARENT.exec(value);
  // Version ff is forbidden; version 00 has no further fields; later ones may (W3C Trace Context, 3.2).
  if (match === null || match[1] === 'ff' || (match[1] === '00' && match[5] !== undefined)) return null;
  if (ZEROES.test(match[2]!) || ZEROES.test(match[3]!)) return null;
  return { traceId: match[2]!, spanId: match[3]!, sampled: (Number.parseInt(match[4]!, 16) & 1) === 1 };
}

const B3_TRACE = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;
const B3_SPAN = /^[0-9a-f]{16}$/;

/** B3, single header or several (openzipkin/b3-propagation). */
function fromB3(headers: IncomingHttpHeaders): Parent | null {
  const single = headers.b3;
  const [traceId, spanId, decision] =
    typeof single === 'string'
      ? single.length === 1
        ? [undefined, undefined, single]
        : single.split('-', 4)
      : [
          headers['x-b3-traceid'],
          headers['x-b3-spanid'],
          headers['x-b3-flags'] === '1' ? 'd' : headers['x-b3-sampled'],
        ];
  const sampled = typeof decision === 'string' ? (B3_DECISIONS.get(decision) ?? null) : null;
  if (traceId === undefined) return sampled === null ? null : { traceId: null, spanId: null, sampled };
  if (typeof traceId !== 'string' || !B3_TRACE.test(traceId) || ZEROES.test(traceId)) return null;
  const isSpan = typeof spanId === 'string' && B3_SPAN.test(spanId) && !ZEROES.test(spanId);
  return { traceId: traceId.padStart(32, '0'), spanId: isSpan ? spanId : null, sampled };
}

const B3_DECISIONS: ReadonlyMap<string, boolean> = new Map([
  ...(['1', 'd', 'true'] as const).map((word) => [word, true] as const),
  ...(['0', 'false'] as const).map((word) => [word, false] as const),
]);
