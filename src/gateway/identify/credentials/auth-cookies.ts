import type { Parameter } from './credential.js';
import { FAMILIES } from './credential-names.js';
import { parameterName } from './json-parameters.js';
import { hasNameAt } from './letter-case.js';

const NONE: readonly Parameter[] = [];

/**
 * Cookies named `{family}{parameter}`, in any case, as parameters: the first family before the second, each in the order that they
 * came. Values lose surrounding quotes (RFC 6265, 4.1.1) and are not decoded. A cookie without a value is none: so one ends.
 */
export function authCookies(header: string): readonly Parameter[] {
  let first: Parameter[] | null = null;
  let second: Parameter[] | null = null;
  for (let start = 0; start < header.length;) {
    let end = header.indexOf(';', start);
    if (end === -1) end = header.length;
    while (header.charCodeAt(start) === 32) start++;
    if (hasNameAt(header, start, FAMILIES[0])) {
      const cookie = parameterAt(header, start + FAMILIES[0].length, end);
      if (cookie !== null) (first ??= []).push(cookie);
    } else if (hasNameAt(header, start, FAMILIES[1])) {
      const cookie = parameterAt(header, start + FAMILIES[1].length, end);
      if (cookie !== null) (second ??= []).push(cookie);
    }
    start = end + 1;
  }
  if (second === null) return first ?? NONE;
  return first === null ? second : [...first, ...second];
}

function parameterAt(header: string, from: number, end: number): Parameter | null {
  const pair = header.slice(from, end);
  const equals = pair.indexOf('=');
  if (equals === -1) return null;
  const name = parameterName(pair.slice(0, equals).trimEnd());
  const value = pair.slice(equals + 1).trim();
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const bare = isQuoted ? value.slice(1, -1) : value;
  return name === null || bare === '' ? null : [name, bare];
}
