import { describe, expect, it } from '@jest/globals';
import type { IncomingHttpHeaders } from 'node:http';
import type { CorsRules } from '../../contracts/cors-rules.js';
import type { TrustedProxies } from '../../contracts/trusted-proxies.js';
import type { RequestHead } from '../exchange.js';
import { applyCors, corsVerdict } from './cors.js';

const GOOD = 'https://good.example';
const RULES: CorsRules = {
  isOpen: false,
  allowsOrigin: (origin) => origin === GOOD,
  withCredentials: true,
  methods: new Set(['GET', 'HEAD', 'PUT']),
  headers: null,
  maxAgeSeconds: 60,
};
const OPEN: CorsRules = { ...RULES, isOpen: true, allowsOrigin: () => true, withCredentials: false };
const NONE: TrustedProxies = { mode: 'none' };
const ALL: TrustedProxies = { mode: 'all' };

const aHead = (headers: IncomingHttpHeaders, method = 'GET'): RequestHead => ({
  method,
  target: '/api/request/a',
  headers: { host: 'gateway.example', ...headers },
  peer: '192.0.2.1',
  httpVersion: '1.1',
});
const aPreflight = (headers: IncomingHttpHeaders = {}): RequestHead =>
  aHead({ origin: GOOD, 'access-control-request-method': 'PUT', ...headers }, 'OPTIONS');

/** null: it goes on; else the status, or the name of the refusal. */
function verdictOf(head: RequestHead, rules = RULES, proxies = NONE): number | string | null {
  const verdict = corsVerdict(head, rules, proxies);
  if (verdict === null) return null;
  return verdict.kind === 'refusal' ? verdict.error : verdict.status;
}

/** The headers of an answer that had these, as lower-case names and values. */
function headersOf(head: RequestHead, given: readonly string[] = [], rules = RULES, proxies = NONE) {
  const headers = [...given];
  applyCors(headers, head, rules, proxies);
  const found: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase();
    expect(found).not.toHaveProperty([name]);
    found[name] = headers[index + 1]!;
  }
  return found;
}
const VARY_OF_OPTIONS = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

describe('a preflight', () => {
  it('of what may be called is answered with all that it asks for', () => {
    const head = aPreflight({ 'access-control-request-headers': 'Content-Type,x-a , X-B' });
    expect(verdictOf(head)).toBe(204);
    expect(headersOf(head)).toEqual({
      'access-control-allow-origin': GOOD,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, PUT',
      'access-control-allow-headers': 'content-type, x-a, x-b',
      'access-control-max-age': '60',
      vary: VARY_OF_OPTIONS,
    });
  });
  it('that asks for no header is told of none', () => {
    expect(headersOf(aPreflight())).not.toHaveProperty('access-control-allow-headers');
    expect(headersOf(aPreflight({ 'access-control-request-headers': '' }))).not.toHaveProperty(
      'access-control-allow-headers',
    );
  });
  it.each<[string, IncomingHttpHeaders]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['another method', { 'access-control-request-method': 'DELETE' }],
    ['a method in another case', { 'access-control-request-method': 'put' }],
    ['no method', { 'access-control-request-method': '' }],
    ['a header that is none', { 'access-control-request-headers': 'x-a, x b' }],
    ['a header that would break the answer', { 'access-control-request-headers': 'x-a\r\nset-cookie: a' }],
    ['a huge header', { 'access-control-request-headers': 'a'.repeat(4097) }],
    ['many headers', { 'access-control-request-headers': 'a,'.repeat(65) }],
  ])('of %s is refused, and told nothing', (_what, headers) => {
    const head = aPreflight(headers);
    expect(verdictOf(head)).toBe('CORS_REFUSED');
    expect(headersOf(head)).toEqual({ vary: VARY_OF_OPTIONS });
  });
  it('may ask for the headers that are named, where any are', () => {
    const rules = { ...RULES, headers: new Set(['x-a']) };
    expect(verdictOf(aPreflight({ 'access-control-request-headers': 'X-A' }), rules)).toBe(204);
    expect(verdictOf(aPreflight({ 'access-control-request-headers': 'X-A, X-B' }), rules)).toBe('CORS_REFUSED');
  });
  it('may ask for any method where any is allowed', () => {
    const rules = { ...RULES, methods: null };
    const head = aPreflight({ 'access-control-request-method': 'PROPFIND' });
    expect(verdictOf(head, rules)).toBe(204);
    expect(headersOf(head, [], rules)['access-control-allow-methods']).toBe('PROPFIND');
    for (const method of ['a b', 'A'.repeat(33)])
      expect(verdictOf(aPreflight({ 'access-control-request-method': method }), rules)).toBe('CORS_REFUSED');
  });
  it('is none without a method that it asks for, or without an origin', () => {
    expect(verdictOf(aHead({ origin: GOOD }, 'OPTIONS'))).toBeNull();
    expect(verdictOf(aHead({ 'access-control-request-method': 'PUT' }, 'OPTIONS'))).toBeNull();
    expect(verdictOf(aHead({ origin: GOOD, 'access-control-request-method': 'PUT' }, 'PUT'))).toBeNull();
  });
});

describe('a call from another origin', () => {
  it('that may call goes on, and its page may read the answer', () => {
    const head = aHead({ origin: GOOD });
    expect(verdictOf(head)).toBeNull();
    expect(headersOf(head)).toEqual({
      'access-control-allow-origin': GOOD,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'X-CSRF-TOKEN, Retry-After, RateLimit, RateLimit-Policy, Location',
      vary: 'Origin',
    });
  });
  it('that comes with credentials nowhere has no such header', () => {
    const rules = { ...RULES, withCredentials: false };
    const found = headersOf(aHead({ origin: GOOD }), [], rules);
    expect(found).not.toHaveProperty('access-control-allow-credentials');
    expect(found['access-control-allow-origin']).toBe(GOOD);
  });
  it.each([
    ...['https://evil.example', 'https://good.example.evil.com', 'https://good.example:444', 'http://good.example'],
    ...['null', '', 'good.example', `${GOOD}, ${GOOD}`, `${GOOD}/`, `https://${'a'.repeat(30_000)}`],
    ...['capacitor://gateway.example', 'http://evil.example/http://gateway.example', '//gateway.example'],
  ])('that may not is refused, and told nothing: %j', (origin) => {
    const head = aHead({ origin });
    expect(verdictOf(head)).toBe('CORS_REFUSED');
    expect(headersOf(head)).toEqual({ vary: 'Origin' });
  });
  it.each([
    ['GET', null],
    ['HEAD', null],
    ['OPTIONS', null],
    ['POST', 'CORS_REFUSED'],
  ])('may use the methods that are named, and OPTIONS: %s', (method, verdict) => {
    expect(verdictOf(aHead({ origin: GOOD }, method))).toBe(verdict);
  });
  it.each(['https://any.example', 'null', ''])('is told * where any origin may call: %j', (origin) => {
    expect(verdictOf(aHead({ origin }), OPEN)).toBeNull();
    expect(headersOf(aHead({ origin }), [], OPEN)).toMatchObject({ 'access-control-allow-origin': '*' });
  });
  it('may read each header that the answer has by its name, with few exceptions', () => {
    const answer = [
      ...['X-Request-Id', '1', 'Rierino-Auth.access_token', 'x', 'etag', '"1"', 'Retry-After', '1'],
      ...['Set-Cookie', 'a=1', 'Content-Type', 'text/plain', 'X-Frame-Options', 'DENY'],
    ];
    expect(headersOf(aHead({ origin: GOOD }), answer)['access-control-expose-headers']).toBe(
      'X-CSRF-TOKEN, Retry-After, RateLimit, RateLimit-Policy, Location, X-Request-Id, Rierino-Auth.access_token, etag',
    );
  });
});

describe('a call from our own origin', () => {
  it.each<[string, IncomingHttpHeaders, TrustedProxies]>([
    ['without Origin', {}, NONE],
    ['of the same host', { origin: 'http://gateway.example' }, NONE],
    ['of the same host and port', { origin: 'http://gateway.example:81', host: 'Gateway.example:81' }, NONE],
    ['whose scheme has this port', { origin: 'http://gateway.example', host: 'gateway.example:80' }, NONE],
    ['over TLS that ends before us', { origin: 'https://gateway.example' }, NONE],
    ['over TLS on its port', { origin: 'https://gateway.example', host: 'gateway.example:443' }, NONE],
    [
      'as a trusted proxy saw it',
      { origin: 'https://a.example', 'x-forwarded-host': 'a.example, b', 'x-forwarded-proto': 'HTTPS, http' },
      ALL,
    ],
  ])('passes, without headers of CORS: %s', (_what, headers, proxies) => {
    const head = aHead(headers, 'POST');
    expect(verdictOf(head, RULES, proxies)).toBeNull();
    expect(headersOf(head, [], RULES, proxies)).toEqual({ vary: 'Origin' });
  });
  it.each<[string, IncomingHttpHeaders, TrustedProxies]>([
    ['another port', { origin: 'http://gateway.example:81' }, NONE],
    ['a host that begins so', { origin: 'http://gateway.example.evil.com' }, NONE],
    ['a scheme that a trusted proxy denies', { origin: 'http://gateway.example', 'x-forwarded-proto': 'https' }, ALL],
    ['a host that nobody who is trusted names', { origin: 'http://a.example', 'x-forwarded-host': 'a.example' }, NONE],
    [
      'a host that no trusted address names',
      { origin: 'http://a.example', 'x-forwarded-host': 'a.example' },
      { mode: 'addresses', trusts: () => false },
    ],
  ])('is none from %s', (_what, headers, proxies) => {
    expect(verdictOf(aHead(headers), RULES, proxies)).toBe('CORS_REFUSED');
  });
  it('is heard as another’s where that may be, and it may call: the gateway does not know of TLS before it', () => {
    const head = aHead({ origin: GOOD, host: 'good.example' });
    expect(headersOf(head)).toMatchObject({ 'access-control-allow-origin': GOOD });
  });
  it.each<[TrustedProxies, string | null]>([
    [{ mode: 'hops', hops: 1 }, null],
    [{ mode: 'hops', hops: 0 }, 'CORS_REFUSED'],
    [{ mode: 'addresses', trusts: (address) => address === '192.0.2.1' }, null],
  ])('is known by a proxy as far as that is trusted: %j', (proxies, verdict) => {
    const headers = { origin: 'https://a.example', 'x-forwarded-host': 'a.example' };
    expect(verdictOf(aHead(headers), RULES, proxies)).toBe(verdict);
  });
});

describe('headers of an answer', () => {
  const RUNNERS = ['Access-Control-Allow-Origin', '*', 'access-control-allow-private-network', 'true', 'X-A', '1'];

  it.each<[string, IncomingHttpHeaders]>([
    ['of our own origin', {}],
    ['that is refused', { origin: 'https://evil.example' }],
  ])('lose what others say of CORS: of a call %s', (_what, headers) => {
    expect(headersOf(aHead(headers), RUNNERS)).toEqual({ 'x-a': '1', vary: 'Origin' });
  });
  it('have ours instead where the origin may call', () => {
    const found = headersOf(aHead({ origin: GOOD }), RUNNERS);
    expect(found['access-control-allow-origin']).toBe(GOOD);
    expect(found).not.toHaveProperty('access-control-allow-private-network');
  });
  it.each([
    [['vary', 'Accept-Encoding'], 'Origin, Accept-Encoding'],
    [['Vary', 'origin,Accept'], 'Origin, Accept'],
    [['Vary', 'Accept', 'vary', 'Cookie'], 'Origin, Accept, Cookie'],
    [['Vary', '*'], '*'],
    [['Vary', '*', 'vary', 'Accept'], '*'],
  ])('vary by origin and by what %j says', (given, vary) => {
    expect(headersOf(aHead({}), given).vary).toBe(vary);
  });
});
