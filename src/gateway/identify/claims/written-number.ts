/** A number whose JSON is written as it was, where a double would spell it another way. */
export interface WrittenNumber {
  readonly rawJSON: string;
}

interface RawJson {
  rawJSON(text: string): WrittenNumber;
  isRawJSON(value: unknown): value is WrittenNumber;
}
const RAW = JSON as unknown as RawJson;

/** Digits of one number that are looked at; more of them is no number that anybody meant. */
const MAX_LENGTH = 400;
const DECIMAL = /^([+-]?)0*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

export function isWrittenNumber(value: unknown): value is WrittenNumber {
  return RAW.isRawJSON(value);
}

/** The JSON text of a number, or of a text that is one; null where the value is neither. Digits stay as they are. */
export function numberText(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : null;
  if (typeof value === 'bigint') return value.toString();
  const text = isWrittenNumber(value) ? value.rawJSON : typeof value === 'string' ? value.trim() : '';
  if (text.length > MAX_LENGTH) return null;
  const match = DECIMAL.exec(text);
  return match === null ? null : (match[1] === '-' ? '-' : '') + match[2]!;
}

/** The whole number that a number's text means; null where it has a fraction. */
export function wholeNumber(text: string): bigint | null {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  const value = Number(text);
  return Number.isSafeInteger(value) ? BigInt(value) : null;
}

/** A value that JSON writes as this text: a plain number where it is spelled the same. */
export function writtenAs(text: string): number | WrittenNumber {
  return hasSpellingOfDouble(text) ? Number(text) : RAW.rawJSON(text);
}

export function hasSpellingOfDouble(text: string): boolean {
  return String(Number(text)) === text;
}
