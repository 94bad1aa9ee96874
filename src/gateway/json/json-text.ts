/**
 * JSON as text: checks it and finds its parts without parsing it, so that numbers stay as they were written and nothing is
 * built that is only spliced elsewhere (spec/runner-contract.md). Strict RFC 8259.
 */
export const MAX_DEPTH = 256;

/** Thrown inside a scan and caught by its caller; made once, since bad input is no surprise and a stack would cost more than the scan. */
export class JsonFault extends Error {
  constructor(readonly kind: 'syntax' | 'depth') {
    super(kind);
  }
}
const SYNTAX = new JsonFault('syntax');
const DEPTH = new JsonFault('depth');

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const COMMA = 44;
const COLON = 58;

/** What a scan saw on its way; reset by whoever begins one. */
export interface ScanNotes {
  repeatedName: boolean;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at++;
  }
}

/** `from` is behind the opening quote; returns the index behind the closing one. */
function endOfString(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at++);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) {
      const escape = text.charCodeAt(at++);
      if (escape === 117 /* u */) {
        for (let digit = 0; digit < 4; digit++) if (!isHex(text.charCodeAt(at++))) throw SYNTAX;
      } else if (
        // " \ / b f n r t
        escape !== 34 &&
        escape !== 92 &&
        escape !== 47 &&
        escape !== 98 &&
        escape !== 102 &&
        escape !== 110 &&
        escape !== 114 &&
        escape !== 116
      ) {
        throw SYNTAX;
      }
      continue;
    }
    // Control characters, and NaN past the end of the text.
    if (!(code >= 32)) throw SYNTAX;
  }
}

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  if (!isDigit(text.charCodeAt(at))) throw SYNTAX;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function endOfNumber(text: string, from: number): number {
  let at = from;
  if (text.charCodeAt(at) === 45) at++;
  if (text.charCodeAt(at) === 48) at++;
  else at = endOfDigits(text, at);
  if (text.charCodeAt(at) === 46) at = endOfDigits(text, at + 1);
  const exponent = text.charCodeAt(at);
  if (exponent === 101 || exponent === 69) {
    at++;
    const sign = text.charCodeAt(at);
    if (sign === 43 || sign === 45) at++;
    at = endOfDigits(text, at);
  }
  return at;
}

/** Index behind the value that begins at `from` (no white space before it). @throws JsonFault */
export function endOfValue(text: string, from: number, depth: number, notes: ScanNotes | null): number {
  switch (text.charCodeAt(from)) {
    case QUOTE:
      return endOfString(text, from + 1);
    case OPEN_OBJECT:
      return endOfObject(text, from, depth, notes);
    case OPEN_ARRAY:
      return endOfArray(text, from, depth, notes);
    case 116:
      return endOfWord(text, from, 'true');
    case 102:
      return endOfWord(text, from, 'false');
    case 110:
      return endOfWord(text, from, 'null');
    default:
      return endOfNumber(text, from);
  }
}

function endOfWord(text: string, from: number, word: string): number {
  if (!text.startsWith(word, from)) throw SYNTAX;
  return from + word.length;
}

function endOfArray(text: string, from: number, depth: number, notes: ScanNotes | null): number {
  if (depth >= MAX_DEPTH) throw DEPTH;
  let at = skipSpace(text, from + 1);
  if (text.charCodeAt(at) === CLOSE_ARRAY) return at + 1;
  for (;;) {
    at = skipSpace(text, endOfValue(text, at, depth + 1, notes));
    const code = text.charCodeAt(at);
    if (code === CLOSE_ARRAY) return at + 1;
    if (code !== COMMA) throw SYNTAX;
    at = skipSpace(text, at + 1);
  }
}

function endOfObject(text: string, from: number, depth: number, notes: ScanNotes | null): number {
  if (depth >= MAX_DEPTH) throw DEPTH;
  let at = skipSpace(text, from + 1);
  if (text.charCodeAt(at) === CLOSE_OBJECT) return at + 1;
  const names = notes === null || notes.repeatedName ? null : new NameSet();
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) throw SYNTAX;
    const nameEnd = endOfString(text, at + 1);
    if (names !== null && names.repeats(text, at + 1, nameEnd - 1)) notes!.repeatedName = true;
    at = skipSpace(text, nameEnd);
    if (text.charCodeAt(at) !== COLON) throw SYNTAX;
    at = skipSpace(text, at + 1);
    at = skipSpace(text, endOfValue(text, at, depth + 1, notes));
    const code = text.charCodeAt(at);
    if (code === CLOSE_OBJECT) return at + 1;
    if (code !== COMMA) throw SYNTAX;
    at = skipSpace(text, at + 1);
  }
}

/** The names of one object; a short list is compared, a long one becomes a set, so that a million names stay linear. */
class NameSet {
  private readonly list: string[] = [];
  private set: Set<string> | null = null;

  repeats(text: string, from: number, to: number): boolean {
    let name = text.slice(from, to);
    if (name.includes('\\')) name = JSON.parse(`"${name}"`) as string;
    if (this.set !== null) {
      if (this.set.has(name)) return true;
      this.set.add(name);
      return false;
    }
    if (this.list.includes(name)) return true;
    this.list.push(name);
    if (this.list.length > 8) this.set = new Set(this.list);
    return false;
  }
}

/** Checks a whole text; null when it is JSON, else what is wrong with it. Notes tell of repeated names. */
export function faultOf(text: string, notes: ScanNotes | null): JsonFault | null {
  try {
    const start = skipSpace(text, 0);
    const end = skipSpace(text, endOfValue(text, start, 0, notes));
    return end === text.length ? null : SYNTAX;
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}

/** Where one member of an object stands in its text. */
export interface Member {
  /** Decoded name. */
  readonly name: string;
  /** From the quote before the name … */
  readonly start: number;
  /** … the value's first character … */
  readonly value: number;
  /** … to the index behind the value. */
  readonly end: number;
}

/**
 * The members of the object that begins at `from` (a brace), in order, each checked on the way; `end` is behind the closing brace.
 * @throws JsonFault
 */
export function membersOf(text: string, from: number, depth: number): { members: Member[]; end: number } {
  const members: Member[] = [];
  let at = skipSpace(text, from + 1);
  if (text.charCodeAt(at) === CLOSE_OBJECT) return { members, end: at + 1 };
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) throw SYNTAX;
    const start = at;
    const nameEnd = endOfString(text, at + 1);
    const raw = text.slice(start + 1, nameEnd - 1);
    const name = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
    at = skipSpace(text, nameEnd);
    if (text.charCodeAt(at) !== COLON) throw SYNTAX;
    const value = skipSpace(text, at + 1);
    const end = endOfValue(text, value, depth + 1, null);
    members.push({ name, start, value, end });
    at = skipSpace(text, end);
    const code = text.charCodeAt(at);
    if (code === CLOSE_OBJECT) return { members, end: at + 1 };
    if (code !== COMMA) throw SYNTAX;
    at = skipSpace(text, at + 1);
  }
}

/**
 * The members of a text that is one object; null if it is JSON of another kind.
 * @param depth below zero where the object is an envelope, whose content alone may be nested as deep as any
 * @throws JsonFault
 */
export function objectMembers(text: string, depth = 0): Member[] | null {
  const start = skipSpace(text, 0);
  if (text.charCodeAt(start) !== OPEN_OBJECT) {
    const end = skipSpace(text, endOfValue(text, start, depth, null));
    if (end !== text.length) throw SYNTAX;
    return null;
  }
  const { members, end } = membersOf(text, start, depth);
  if (skipSpace(text, end) !== text.length) throw SYNTAX;
  return members;
}

/** The last member of that name: of two equal names the last wins. */
export function memberNamed(members: readonly Member[], name: string): Member | null {
  for (let index = members.length - 1; index >= 0; index--) if (members[index]!.name === name) return members[index]!;
  return null;
}

export function isObjectAt(text: string, at: number): boolean {
  return text.charCodeAt(at) === OPEN_OBJECT;
}

/**
 * Writes JSON anew so that each name stands once, the last value winning, and numbers keep their spelling.
 * The slow way, taken only where a scan saw a repeated name.
 */
export function withoutRepeatedNames(text: string): string {
  return JSON.stringify(parsedAsWritten(text));
}

/** A value whose numbers JSON.stringify writes as they were written; to hand on, not to reckon with. @throws SyntaxError */
export function parsedAsWritten(text: string): unknown {
  return JSON.parse(text, keepNumbers) as unknown;
}

interface RawJsonApi {
  rawJSON(text: string): unknown;
}

function keepNumbers(this: unknown, _name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return (JSON as unknown as RawJsonApi).rawJSON(context.source);
}
