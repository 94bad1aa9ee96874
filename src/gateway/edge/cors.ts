import type { IncomingHttpHeaders } from 'node:http';
import type { CorsRules } from '../../contracts/cors-rules.js';
import type { TrustedProxies } from '../../contracts/trusted-proxies.js';
import type { RequestHead } from '../exchange.js';
import { TOKEN } from '../http-syntax.js';
import { refusal, type Answer, type Refusal } from '../stage.js';
import { plainAddress } from './origin.js';

/** CORS (the Fetch standard, 3.2): who of other origins may call, and what their pages may read. security.cors.* */

const CORS_REFUSED = refusal('CORS_REFUSED');
/** Its headers are those of every answer to an origin that may call. */
const PREFLIGHT: Answer = Object.freeze({
  kind: 'answer',
  status: 204,
  headers: null,
  body: null,
  contentType: null,
  code: null,
});

/** Bytes and number of the header names that one preflight may ask for. */
const MAX_ASKED_BYTES = 4096;
const MAX_ASKED_NAMES = 64;
const VARY = 'Origin';
/** What answers to OPTIONS depend on. */
const VARY_OF_OPTIONS = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

/** Headers of ours that pages may read, named on each answer. What else an answer has is named where it has it. */
const EXPOSED = 'X-CSRF-TOKEN, Retry-After, RateLimit, RateLimit-Policy, Location';
/** Named already, readable without being named (Fetch, 2.2.2), unreadable whatever is named, or of no use to a page. */
const NOT_NAMED: ReadonlySet<string> = new Set([
  ...EXPOSED.toLowerCase().split(', '),
  ...['cache-control', 'content-language', 'content-length', 'content-type', 'expires', 'last-modified', 'pragma'],
  ...['set-cookie', 'set-cookie2', 'connection'],
  ...['x-content-type-options', 'x-frame-options', 'referrer-policy', 'strict-transport-security'],
]);

/** Before anything is resolved: the answer to a preflight, the refusal of a call that may not be made, or null: go on. */
export function corsVerdict(head: RequestHead, rules: CorsRules, proxies: TrustedProxies): Answer | Refusal | null {
  switch (standingOf(head, rules, proxies)) {
    case 'local':
      return null;
    case 'refused':
      return CORS_REFUSED;
    case 'allowed':
      return isPreflight(head) ? PREFLIGHT : null;
  }
}

/**
 * Gives an answer its CORS headers: adds them to a flat list, merges Vary, and takes out what a runner, or a channel's record, says of
 * CORS. Of any answer, also a refusal: without them a page cannot read why it was refused.
 */
export function applyCors(headers: string[], head: RequestHead, rules: CorsRules, proxies: TrustedProxies): void {
  const isAllowed = head.headers.origin !== undefined && standingOf(head, rules, proxies) === 'allowed';
  let vary = head.method === 'OPTIONS' ? VARY_OF_OPTIONS : VARY;
  let exposed = EXPOSED;
  let kept = 0;
  for (let index = 0; index < headers.length; index += 2) {
    const written = headers[index]!;
    const name = written.toLowerCase();
    if (name.startsWith('access-control-')) continue;
    if (name === 'vary') {
      vary = mergedVary(headers[index + 1]!, vary);
      continue;
    }
    if (isAllowed && !NOT_NAMED.has(name)) exposed += `, ${written}`;
    headers[kept++] = written;
    headers[kept++] = headers[index + 1]!;
  }
  headers.length = kept;
  headers.push('Vary', vary);
  if (isAllowed) pushAllowed(headers, head, rules, exposed);
}

function pushAllowed(headers: string[], head: RequestHead, rules: CorsRules, exposed: string): void {
  headers.push('Access-Control-Allow-Origin', rules.isOpen ? '*' : head.headers.origin!);
  if (rules.withCredentials) headers.push('Access-Control-Allow-Credentials', 'true');
  if (!isPreflight(head)) {
    headers.push('Access-Control-Expose-Headers', exposed);
    return;
  }
  const { methods } = rules;
  const asked = askedNames(head.headers);
  headers.push(
    'Access-Control-Allow-Methods',
    methods === null ? head.headers['access-control-request-method']! : [...methods].join(', '),
  );
  if (asked !== null && asked.length > 0) headers.push('Access-Control-Allow-Headers', asked.join(', '));
  headers.push('Access-Control-Max-Age', String(rules.maxAgeSeconds));
}

/** `*` says all. */
function mergedVary(given: string, ours: string): string {
  if (/(?:^|,)\s*\*\s*(?:,|$)/.test(given) || ours === '*') return '*';
  const named = new Set(ours.toLowerCase().split(', '));
  const more = given.split(',').map((name) => name.trim());
  return [ours, ...more.filter((name) => name !== '' && !named.has(name.toLowerCase()))].join(', ');
}

const isPreflight = ({ method, headers }: RequestHead): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** `local`: no other origin's call, and so none of CORS' business. */
type Standing = 'local' | 'allowed' | 'refused';

function standingOf(head: RequestHead, rules: CorsRules, proxies: TrustedProxies): Standing {
  const { origin } = head.headers;
  if (origin === undefined) return 'local';
  const kinship = kinshipOf(origin, head, proxies);
  if (kinship === 'same') return 'local';
  if (mayCall(origin, head, rules)) return 'allowed';
  return kinship === 'unsure' ? 'local' : 'refused';
}

function mayCall(origin: string, head: RequestHead, rules: CorsRules): boolean {
  if (!rules.isOpen && !rules.allowsOrigin(origin.toLowerCase())) return false;
  if (!isPreflight(head)) return head.method === 'OPTIONS' || allowsMethod(head.method, rules);
  if (!allowsMethod(head.headers['access-control-request-method']!, rules)) return false;
  const asked = askedNames(head.headers);
  const { headers } = rules;
  return asked !== null && (headers === null || asked.every((name) => headers.has(name)));
}

/** Methods are compared as they are written: browsers bring the usual ones into upper case themselves. */
function allowsMethod(method: string, { methods }: CorsRules): boolean {
  return methods === null ? TOKEN.test(method) && method.length <= MAX_METHOD_LENGTH : methods.has(method);
}
const MAX_METHOD_LENGTH = 32;

/** The headers that a preflight asks for, lower case; null where the list is none, or too long. */
function askedNames(headers: IncomingHttpHeaders): readonly string[] | null {
  const list = headers['access-control-request-headers'] ?? '';
  if (list.length > MAX_ASKED_BYTES) return null;
  const names = list
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length <= MAX_ASKED_NAMES && names.every((name) => TOKEN.test(name)) ? names : null;
}

/**
 * Whether an Origin is the address at which the page's browser sees us: the host from Host, or from X-Forwarded-Host of a proxy that is
 * trusted. The scheme is known only where such a proxy tells it. Else `https` may be the same origin, behind a proxy that we know nothing
 * of, or another.
 */
function kinshipOf(origin: string, head: RequestHead, proxies: TrustedProxies): 'same' | 'unsure' | 'other' {
  const match = WEB_ORIGIN.exec(origin.length > MAX_ORIGIN_LENGTH ? '' : origin);
  if (match === null) return 'other';
  const [, scheme, authority] = match as unknown as [string, 'http' | 'https', string];
  const told = trustsPeer(head.peer, proxies) ? head.headers : NOBODY_TOLD;
  const host = firstOf(told['x-forwarded-host']) ?? head.headers.host ?? '';
  if (withoutOwnPort(host.toLowerCase(), scheme) !== withoutOwnPort(authority, scheme)) return 'other';
  const seen = firstOf(told['x-forwarded-proto'])?.toLowerCase();
  if (seen !== undefined) return seen === scheme ? 'same' : 'other';
  return scheme === 'http' ? 'same' : 'unsure';
}

const MAX_ORIGIN_LENGTH = 300;
const WEB_ORIGIN = /^(https?):\/\/([^/]+)$/;
const NOBODY_TOLD: IncomingHttpHeaders = {};

function withoutOwnPort(authority: string, scheme: 'http' | 'https'): string {
  const port = scheme === 'http' ? ':80' : ':443';
  return authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
}

function trustsPeer(peer: string, proxies: TrustedProxies): boolean {
  if (proxies.mode === 'addresses') return proxies.trusts(plainAddress(peer));
  return proxies.mode === 'all' || (proxies.mode === 'hops' && proxies.hops > 0);
}

/** The nearest to the client, where several proxies have written. */
function firstOf(value: string | string[] | undefined): string | null {
  const text = typeof value === 'string' ? value.split(',', 1)[0]!.trim() : '';
  return text === '' ? null : text;
}
