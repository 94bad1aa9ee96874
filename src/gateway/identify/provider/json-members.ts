import { isWrittenNumber, writtenAs } from '../claims/written-number.js';

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isWrittenNumber(value);
}

/** Undefined where it is no object, or has no such member of its own. */
export function memberOf(value: unknown, name: string): unknown {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Parses JSON; a number that a double would spell another way stays as it was written. @throws SyntaxError */
export function parsedExactly(text: string): unknown {
  return JSON.parse(text, keepingDigits) as unknown;
}

function keepingDigits(this: unknown, _name: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value !== 'number' || source === undefined ? value : writtenAs(source);
}
