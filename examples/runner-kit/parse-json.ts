import { BAD_INPUT, RunnerError } from './errors.js';
import { SourceTextJson, type Json } from './json.js';

/** Recursion in JSON.stringify and in the reviver ends well above this. The gateway itself stops at 256. */
const MAX_DEPTH = 1000;

/** Numbers that JavaScript may write differently. It can be mistaken about text in strings, which costs time alone. */
const MAY_CHANGE = /(?:^|[:,[\s])(?:-?\d+[.eE]|-?\d{16}|-0)/;

/**
 * Parses JSON so that writing it again gives every number as it came: `9007199254740993` and `1.10` become `JSON.rawJSON`
 * objects. Those are for passing on and storing; whoever calculates takes `parsePlain`, or `numberText`.
 * @throws RunnerError for text that is not JSON, or nested too deep.
 */
export function parseExact(text: string): Json {
  return parse(text, () => (MAY_CHANGE.test(text) ? SourceTextJson.parse(text, keepSpelling) : JSON.parse(text)));
}

/** Both readings of one text; the same object where they do not differ. @throws RunnerError as `parseExact` does. */
export function parseBoth(text: string): { readonly exact: Json; readonly plain: Json } {
  const exact = parseExact(text);
  return { exact, plain: MAY_CHANGE.test(text) ? (JSON.parse(text) as Json) : exact };
}

/** Parses JSON into ordinary values: what handlers work with. @throws RunnerError as `parseExact` does. */
export function parsePlain(text: string): Json {
  return parse(text, () => JSON.parse(text) as unknown);
}

function keepSpelling(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  return SourceTextJson.rawJSON(source);
}

function parse(text: string, read: () => unknown): Json {
  if (isTooDeep(text)) throw new RunnerError(BAD_INPUT, `The JSON is nested deeper than ${MAX_DEPTH} levels.`);
  try {
    return read() as Json;
  } catch (error) {
    throw new RunnerError(BAD_INPUT, 'The text is not JSON.', { cause: error });
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
  }
  return false;
}
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
