import { BAD_FILTER, RunnerError } from '../errors.js';
import { numberText, type Json } from '../json.js';
import { compareNumbers } from './order.js';
import { valueAt, type FieldPath, type StoredRecord } from './record.js';

export const OPERATORS = ['EQ', 'NE', 'GT', 'GE', 'LT', 'LE', 'IN', 'LIKE', 'EXISTS'] as const;
export type Operator = (typeof OPERATORS)[number];
export const isOperator = (text: string): text is Operator => (OPERATORS as readonly string[]).includes(text);

/** `data.status.EQ=A` */
export interface Filter {
  readonly path: FieldPath;
  readonly operator: Operator;
  readonly value: string;
}

/** Long patterns would cost pattern × text for each record. */
const MAX_PATTERN = 1000;

/** @throws RunnerError for a value that the operator cannot use. */
export function checkFilter(filter: Filter): Filter {
  const { operator, value } = filter;
  if (operator === 'EXISTS' && value !== 'true' && value !== 'false') {
    throw new RunnerError(BAD_FILTER, 'EXISTS is true or false.');
  }
  if (operator === 'LIKE' && value.length > MAX_PATTERN) {
    throw new RunnerError(BAD_FILTER, `LIKE takes at most ${MAX_PATTERN} characters.`);
  }
  return filter;
}

export function matches(record: StoredRecord, { path, operator, value }: Filter): boolean {
  const stored = valueAt(record, path);
  switch (operator) {
    case 'EQ':
      return compare(stored, value) === 0;
    case 'NE':
      return compare(stored, value) !== 0;
    case 'GT':
      return (compare(stored, value) ?? 0) > 0;
    case 'GE':
      return (compare(stored, value) ?? -1) >= 0;
    case 'LT':
      return (compare(stored, value) ?? 0) < 0;
    case 'LE':
      return (compare(stored, value) ?? 1) <= 0;
    case 'IN':
      return value.split(',').some((one) => compare(stored, one) === 0);
    case 'LIKE':
      return isLike(stored, value);
    case 'EXISTS':
      return (stored !== undefined) === (value === 'true');
  }
}

/** Below, at or above 0 as the stored value stands to the given text; null where they cannot be compared. */
function compare(stored: Json | undefined, given: string): number | null {
  const number = numberText(stored);
  if (number !== null) return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(given) ? compareNumbers(number, given) : null;
  if (typeof stored === 'string') return stored === given ? 0 : stored < given ? -1 : 1;
  if (typeof stored === 'boolean' || stored === null) return String(stored) === given ? 0 : null;
  return null;
}

/**
 * SQL's LIKE: `%` any run of characters, `_` any one, `\` takes the next as it is; case counts. No regular expression is made of it,
 * since a client's `%%%%…` would make one that backtracks for ever.
 */
function isLike(stored: Json | undefined, pattern: string): boolean {
  const text = typeof stored === 'string' ? stored : numberText(stored);
  if (text === null) return false;
  const parts = pattern.match(/\\[^]|[^]/g) ?? [];
  let at = 0;
  let part = 0;
  // Where to go on if the run after the last % does not fit: one character further on.
  let retryAt = -1;
  let retryPart = -1;
  while (at < text.length) {
    const wanted = parts[part];
    if (wanted === '%') {
      retryPart = ++part;
      retryAt = at;
    } else if (wanted !== undefined && (wanted === '_' || wanted.at(-1) === text[at])) {
      part++;
      at++;
    } else if (retryPart >= 0) {
      part = retryPart;
      at = ++retryAt;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === '%');
}
