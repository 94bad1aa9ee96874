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

/** A new flat list of names and values, without what Connection names (RFC 9110, 7.6.1). */
export function forwardedHeaders(headers: IncomingHttpHeaders, further: readonly string[]): string[] {
  const list: string[] = [];
  const hopByHop = connectionOptions(headers.connection);
  for (const name of ALWAYS) {
    const value = headers[name];
    if (value !== undefined && (hopByHop === null || !hopByHop.has(name))) list.push(name, value as string);
  }
  for (const name of further) {
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
