import { encodedPath } from '../resolve/normal-path.js';

/** Headers of a crud answer that pass beside content-* (spec/responses.md, "Headers of an answer"). */
const PASSING: ReadonlySet<string> = new Set([
  'etag',
  'last-modified',
  'cache-control',
  'vary',
  'link',
  'location',
  'accept-ranges',
  'retry-after',
]);

/** Framing and hop-by-hop headers never pass, whoever allows them (RFC 9110, 7.6.1). */
const NEVER: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function mayPass(name: string, allowed: ReadonlySet<string>): boolean {
  if (name.startsWith('content-') || PASSING.has(name)) return true;
  return allowed.has(name) && !NEVER.has(name);
}

export interface LocationRules {
  readonly backendOrigin: string;
  /** Base path and target at the backend. */
  readonly backendPrefix: string;
  /** The channel's path at the gateway, in normal form. */
  readonly publicPrefix: string;
}

export interface PassRules extends LocationRules {
  /** The channel's allowedRunnerHeaders, lower case. */
  readonly allowed: ReadonlySet<string>;
}

type RunnerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The headers that may reach the client, as a flat list. */
export function passedHeaders(headers: RunnerHeaders, rules: PassRules): string[] {
  const passed: string[] = [];
  const named = typeof headers.connection === 'string' ? headers.connection.toLowerCase().split(/\s*,\s*/) : null;
  for (const name in headers) {
    if (!mayPass(name, rules.allowed)) continue;
    // What the backend's Connection names ends here too; a length is the message's own, whoever names it.
    if (named !== null && name !== 'content-length' && named.includes(name)) continue;
    const value = headers[name]!;
    if (Array.isArray(value)) for (const item of value) passed.push(name, item);
    else passed.push(name, name === 'location' ? publicLocation(value, rules) : value);
  }
  return passed;
}

/** Authority, baseUrl and target of the backend give way to the channel's path; a Location elsewhere stays. */
export function publicLocation(location: string, rules: LocationRules): string {
  const url = URL.canParse(location, rules.backendOrigin) ? new URL(location, rules.backendOrigin) : null;
  if (url === null || url.origin !== new URL(rules.backendOrigin).origin) return location;
  // A relative one ("123") is relative to the public URL as well.
  if (!/^(?:[a-z][a-z0-9+.-]*:)?\//i.test(location)) return location;
  const { pathname } = url;
  const { backendPrefix } = rules;
  const isBelow = pathname === backendPrefix || pathname.startsWith(`${backendPrefix}/`);
  const path = isBelow ? encodedPath(rules.publicPrefix) + pathname.slice(backendPrefix.length) : pathname;
  return path + url.search + url.hash;
}
