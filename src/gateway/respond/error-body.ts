import { ERRORS } from '../../errors/error-table.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Exchange } from '../exchange.js';
import { JSON_TYPE, type Answer, type Refusal } from '../stage.js';

/** What any bad end comes to before it is written: the only input of error bodies. */
export interface ErrorView {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  /** JSON text of error.payload, or null. */
  readonly payload: string | null;
}

/**
 * The body of every error: `{"error": {"code", "message", "requestId", "payload"?}}` (spec/runner-contract.md). Nothing else makes
 * one.
 */
export function errorBody(view: ErrorView, requestId: string): string {
  const payload = view.payload === null ? '' : `,"payload":${view.payload}`;
  return `${errorHead(view.code, view.message)}${JSON.stringify(requestId)}${payload}}}`;
}

function errorHead(code: number, message: string): string {
  return `{"error":{"code":${code},"message":${JSON.stringify(message)},"requestId":`;
}

/** The part of a refusal's body that never varies: refusing must be the cheapest thing that we do. */
const HEADS = new Map(Object.entries(ERRORS).map(([name, entry]) => [name, errorHead(entry.code, entry.message)]));

export function errorAnswer(view: ErrorView, requestId: string, headers: readonly string[] | null): Answer {
  return {
    kind: 'answer',
    status: view.status,
    headers,
    body: errorBody(view, requestId),
    contentType: JSON_TYPE,
    code: view.code,
  };
}

export function answerRefusal(refusal: Refusal, exchange: Exchange): Answer {
  const { error } = refusal;
  exchange.error = error;
  const { status, code } = ERRORS[error];
  return {
    kind: 'answer',
    status,
    headers: withRetryAfter(refusal.headers, refusal.retryAfterSeconds),
    body: `${HEADS.get(error)!}${JSON.stringify(exchange.requestId)}}}`,
    contentType: JSON_TYPE,
    code,
  };
}

/** Of a fault that is none of ours the client learns nothing but the request id, by which the log tells the rest. */
export function answerFault(fault: unknown, exchange: Exchange): Answer {
  exchange.cause = fault;
  const error = fault instanceof GatewayError ? fault : new GatewayError('INTERNAL', { cause: fault });
  exchange.error = error.error;
  const entry = ERRORS[error.error];
  const view: ErrorView = {
    status: error.status ?? entry.status,
    code: error.status ?? entry.code,
    message: entry.message,
    payload: null,
  };
  return errorAnswer(view, exchange.requestId, withRetryAfter(null, error.retryAfterSeconds));
}

function withRetryAfter(headers: readonly string[] | null, seconds: number | null): readonly string[] | null {
  return seconds === null ? headers : [...(headers ?? []), 'Retry-After', String(seconds)];
}
