import type { ByteSource } from '../contracts/bytes.js';
import type { ErrorName } from '../errors/error-table.js';
import type { Exchange } from './exchange.js';

/** The request may not go on. A value, frozen where it never varies: refusing must be the cheapest thing that we do. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly error: ErrorName;
  /** Further headers of the answer (Allow, Retry-After), as a flat list. */
  readonly headers: readonly string[] | null;
  /** Seconds for Retry-After, where the refusal has it. */
  readonly retryAfterSeconds: number | null;
}

export function refusal(error: ErrorName, headers: readonly string[] | null = null): Refusal {
  return Object.freeze({ kind: 'refusal', error, headers, retryAfterSeconds: null });
}

/** What goes out: preflights, OPTIONS, replayed answers and 202 are answers, not refusals. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  /** Flat list of names and values that this answer adds to the rule's own. */
  readonly headers: readonly string[] | null;
  /** JSON or other text, bytes, bytes over time, or nothing. */
  readonly body: string | Buffer | ByteSource | null;
  /** Content-Type of a text body; null: the headers have it. */
  readonly contentType: string | null;
  /** For log and metrics: the wire code of an error, or null. */
  readonly code: number | null;
}

export const JSON_TYPE = 'application/json';

export function jsonAnswer(status: number, body: string, headers: readonly string[] | null = null): Answer {
  return { kind: 'answer', status, headers, body, contentType: JSON_TYPE, code: null };
}

/** Null: go on. */
export type Verdict = null | Refusal | Answer;

/**
 * One step of admission, made when a path rule is compiled; one that is off is not in the list. `peek` lets explain tell what the
 * stage would say: it spends nothing and calls nobody.
 */
export interface Stage {
  readonly name: string;
  run(exchange: Exchange): Verdict | Promise<Verdict>;
  peek?(exchange: Exchange): Verdict;
}
