import type { IncomingHttpHeaders } from 'node:http';

/** Request headers that a crud runner gets (spec/components.md, server.forwardHeaders). Never credentials or cookies. */
const ALWAYS = [
  'content-type',
  'accept',
  'accept-language',
  'content-language',
  'prefer',
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
] as const;

/**
 * The names that pass to one system: those that always do and those that it asks for, without what it sends itself
 * (`own`, a flat list): what the record says wins over what a client says.
 */
export function forwardedNames(further: readonly string[], own: readonly string[]): readonly string[] {
  const set = new Set(own.filter((_item, index) => index % 2 === 0));
  return [...new Set([...ALWAYS, ...further])].filter((name) => !set.has(name));
}

/** A new flat list of names and values, without what Connection names (RFC 9110, 7.6.1). */
export function forwardedHeaders(headers: IncomingHttpHeaders, names: readonly string[]): string[] {
  const list: string[] = [];
  const hopByHop = connectionOptions(headers.connection);
  for (const name of names) {
    const value = headers[name];
    if (value === undefined || (hopByHop !== null && hopByHop.has(name))) continue;
    list.push(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return list;
}

/** What Connection names, lower case; null where it names nothing of interest. */
function connectionOptions(connection: string | undefined): ReadonlySet<string> | null {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return null;
  return new Set(connection.split(',').map((option) => option.trim().toLowerCase()));
}
