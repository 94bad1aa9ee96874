import type { IncomingHttpHeaders } from 'node:http';

/**
 * A header's value as one text, empty where there is none. Node gives repeated headers joined already, but for a few that it gives
 * as a list; what stands here must not be a member that every object has, such as `constructor`.
 */
export function headerValue(headers: IncomingHttpHeaders, name: string): string {
  const value: unknown = headers[name];
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.join(name === 'cookie' ? '; ' : ', ') : '';
}
