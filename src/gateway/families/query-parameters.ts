import { isObjectAt, parsedAsWritten } from '../json/json-text.js';

/**
 * Query parameters as a client wrote them, in order: percent-decoded, `+` a blank, bad escapes taken literally (spec/apis.md).
 * A map, not an object: `__proto__` is a name like any other.
 */
export function queryParameters(query: string): Map<string, string | string[]> {
  const parameters = new Map<string, string | string[]>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : decoded(pair.slice(equals + 1));
    const known = parameters.get(name);
    if (known === undefined) parameters.set(name, value);
    else if (typeof known === 'string') parameters.set(name, [known, value]);
    else known.push(value);
  }
  return parameters;
}

/** The query as the JSON text of payload.parameters; a repeated name is an array. */
export function queryAsJson(query: string): string {
  if (query === '') return '{}';
  let text = '';
  for (const [name, value] of queryParameters(query)) {
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `{${text}}`;
}

/** First value of one parameter, null if it is not there. */
export function queryParameter(query: string, name: string): string | null {
  if (!query.includes(name) && !query.includes('%')) return null;
  const value = queryParameters(query).get(name);
  return value === undefined ? null : typeof value === 'string' ? value : value[0]!;
}

const ESCAPES = /(?:%[0-9a-fA-F]{2})+/g;
/** One character of UTF-8 in escapes, by the length that its first byte tells. */
const CHARACTER = /%[0-7].|%[CD].%[89AB].|%E.(?:%[89AB].){2}|%F.(?:%[89AB].){3}/gi;

function decoded(text: string): string {
  const blanks = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return blanks.includes('%') ? blanks.replace(ESCAPES, decodedRun) : blanks;
}

function decodedRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    // Some of it is no UTF-8: what is, is still decoded.
    return run.replace(CHARACTER, (one) => (one === run ? run : decodedRun(one)));
  }
}

/** The text of a JSON object as a query: what a full call's payload is to a crud runner's GET. Any other JSON is none. */
export function objectAsQuery(json: string): string {
  if (!isObjectAt(json, 0)) return '';
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parsedAsWritten(json) as object)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) query.append(name, asText(item));
  }
  return query.toString();
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
