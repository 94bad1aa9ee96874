import type { ResponseHeaders } from '../../contracts/records.js';

/** Security headers of every answer (security.headers.enabled). */
export const SECURITY_HEADERS: ResponseHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
};

/** Merges maps of headers, the later winning, whatever the case of its names; as a flat list. */
export function mergedHeaders(...maps: readonly (ResponseHeaders | undefined)[]): readonly string[] {
  const merged = new Map<string, readonly [string, string]>();
  for (const map of maps)
    for (const [name, value] of Object.entries(map ?? {})) merged.set(name.toLowerCase(), [name, value]);
  // Not frozen: each answer begins with a copy, and V8 copies frozen arrays the slow way.
  return [...merged.values()].flat();
}

export function namesOf(headers: readonly string[]): ReadonlySet<string> {
  return new Set(headers.filter((_item, index) => index % 2 === 0).map((name) => name.toLowerCase()));
}
