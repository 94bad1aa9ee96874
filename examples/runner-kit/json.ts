/** A JSON value. A number that JavaScript would write differently may stand in it as `JSON.rawJSON` (see `parseExact`). */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** What `JSON.rawJSON` makes: passes through `JSON.stringify` letter by letter. */
interface RawNumber {
  readonly rawJSON: string;
}

/** TypeScript's ES2023 does not declare these yet; Node has them since 22. */
export const SourceTextJson = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
};

// Said at once: without it every call would fail, one by one.
if (typeof SourceTextJson.rawJSON !== 'function') {
  throw new Error(`The runner kit needs Node 22 or later, and this is ${process.versions.node}.`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !SourceTextJson.isRawJSON(value);
}

/** A number's spelling, null for anything else. */
export function numberText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return SourceTextJson.isRawJSON(value) ? value.rawJSON : null;
}

/** The member of an object or array, never an inherited one. */
export function member(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as JsonObject)[name];
}
