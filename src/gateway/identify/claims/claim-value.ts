import { faultOf } from '../../json/json-text.js';
import { hasSpellingOfDouble, isWrittenNumber, writtenAs } from './written-number.js';

/** A claim's value, after its class has read it. */
export interface ClaimValue {
  /** JSON, for the event. */
  readonly text: string;
  /** For who works on values; its JSON is `text`. */
  readonly value: unknown;
  /**
   * For the token: plain JSON values. A number that a double would spell another way is a text here, so that its digits survive any
   * reader of the token; the claim's class makes a number of it again on each request.
   */
  readonly inToken: unknown;
}

export function plainValue(value: string | boolean): ClaimValue {
  return { text: JSON.stringify(value), value, inToken: value };
}

/** @param text JSON text of a number */
export function numberValue(text: string): ClaimValue {
  const value = writtenAs(text);
  return { text, value, inToken: typeof value === 'number' ? value : text };
}

export function listValue(items: readonly ClaimValue[]): ClaimValue {
  return {
    text: `[${items.map(({ text }) => text).join(',')}]`,
    value: items.map(({ value }) => value),
    inToken: items.map(({ inToken }) => inToken),
  };
}

/** Any JSON value as it is; null where it has no JSON, or one nested deeper than a client's may be. Whole numbers past 2^53 are texts in the token, and then stay so. */
export function anyValue(value: unknown): ClaimValue | null {
  // What most claims are, and what is known to be sound.
  if (typeof value === 'string' || typeof value === 'boolean') return plainValue(value);
  if (isTexts(value)) return { text: JSON.stringify(value), value, inToken: [...value] };
  if (isWrittenNumber(value)) return numberValue(value.rawJSON);
  const text = jsonOf(value);
  if (text === null) return null;
  return { text, value, inToken: typeof value === 'object' ? JSON.parse(text, keepingDigits) : value };
}

function isTexts(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false;
  for (const item of value as readonly unknown[]) if (typeof item !== 'string') return false;
  return true;
}

function jsonOf(value: unknown): string | null {
  try {
    const text = (JSON.stringify(value) as string | undefined) ?? null;
    // Two levels are left for what it is put into: a list, an object.
    return text === null || faultOf(`[[${text}]]`, null) !== null ? null : text;
  } catch {
    // A cycle, a bigint within, or nested deeper than the stack: nothing that came as JSON.
    return null;
  }
}

function keepingDigits(this: unknown, _name: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  return Number.isSafeInteger(value) || hasSpellingOfDouble(source) || !/^-?\d+$/.test(source) ? value : source;
}
