import { constants } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import { ParametersRejected } from '../../contracts/executor.js';
import { HTTP_PARAMETERS } from './http-parameter-specs.js';
import { readHttpParameters } from './http-parameters.js';

const BASE = { 'server.baseUrl': 'http://orders:8080/base' };
const read = (values: Record<string, string> = {}, { maxBufferedBytes = 1000, hasConsul = false } = {}) =>
  readHttpParameters(new Map(Object.entries({ ...BASE, ...values })), { maxBufferedBytes, hasConsul });
function faults(values: Record<string, string>): Record<string, string> {
  try {
    readHttpParameters(new Map(Object.entries(values)), { maxBufferedBytes: 1000, hasConsul: false });
  } catch (error) {
    if (error instanceof ParametersRejected)
      return Object.fromEntries(error.faults.map(({ parameter, message }) => [parameter, message]));
    throw error;
  }
  return {};
}
const faultOf = (name: string, value: string) => faults({ ...BASE, [name]: value })[name];

describe('parameters of rpc and crud, without any but server.baseUrl', () => {
  it('have the defaults of the specification', () => {
    expect(read()).toEqual({
      origin: 'http://orders:8080',
      scheme: 'http:',
      basePath: '/base',
      timeoutMs: 60_000,
      connectTimeoutMs: 10_000,
      retryAfterSeconds: 30,
      bounds: { totalTimeoutMs: null, retryAfterSeconds: null },
      maxConnections: 500,
      maxPending: 96,
      maxIdleMs: 30_000,
      maxLifeMs: null,
      maxBufferedBytes: 1000,
      headers: [],
      forwardHeaders: [],
      balancing: null,
      tls: {},
      health: null,
      credentials: null,
    });
  });
  it('cannot be changed once read', () => {
    expect(Object.isFrozen(read())).toBe(true);
  });
});

describe('server.baseUrl', () => {
  it.each([
    ['http://h', 'http://h', ''],
    ['http://h/', 'http://h', ''],
    ['http://h/a/b/', 'http://h', '/a/b'],
    ['http://h:80/a', 'http://h', '/a'],
    ['https://H.example:8443', 'https://h.example:8443', ''],
    ['http://[::1]:8080/a', 'http://[::1]:8080', '/a'],
  ])('%s is origin %s and path %j', (url, origin, basePath) => {
    expect(read({ 'server.baseUrl': url })).toMatchObject({ origin, basePath });
  });
  it('speaks TLS with server.secure', () => {
    expect(read({ 'server.secure': 'true' }).origin).toBe('https://orders:8080');
    expect(read({ 'server.secure': 'false' }).origin).toBe('http://orders:8080');
  });
  it.each([
    ['missing', '', /missing/],
    ['no URL', 'orders', /must be a URL/],
    ['of another scheme', 'ftp://h', /must begin with http/],
    ['with a user', 'http://user:pw@h', /user or password/],
    ['with a query', 'http://h?a=1', /query or fragment/],
    ['with a fragment', 'http://h#a', /query or fragment/],
  ])('is a fault where it is %s', (_what, url, message) => {
    expect(faultOf('server.baseUrl', url)).toMatch(message);
  });
  it('does not show a password that it must not hold', () => {
    expect(faultOf('server.baseUrl', 'http://user:hunter2@h')).not.toContain('hunter2');
  });
});

describe('numbers', () => {
  it.each([
    ['server.timeout', '250', { timeoutMs: 250 }],
    ['server.connectionTimeout', '50', { connectTimeoutMs: 50 }],
    ['server.retryAfter503', '5', { retryAfterSeconds: 5 }],
    ['server.maxConnections', '2', { maxConnections: 2 }],
    ['server.pendingAcquireMaxCount', '0', { maxPending: 0 }],
    ['server.pendingAcquireMaxCount', '-1', { maxPending: Infinity }],
    ['server.maxIdleTime', '100', { maxIdleMs: 100 }],
    ['server.maxIdleTime', '0', { maxIdleMs: 1 }],
    ['server.maxIdleTime', '-1', { maxIdleMs: 2_147_483_647 }],
    ['server.maxLifeTime', '60000', { maxLifeMs: 60_000 }],
    ['server.maxLifeTime', '-1', { maxLifeMs: null }],
    ['server.maxInMemorySize', '0', { maxBufferedBytes: 0 }],
    ['server.maxInMemorySize', '-1', { maxBufferedBytes: constants.MAX_STRING_LENGTH }],
    ['server.timeout', ' 250 ', { timeoutMs: 250 }],
    ['server.timeout', '9999999999', { timeoutMs: 2_147_483_647 }],
  ])('%s=%s is read', (name, value, expected) => {
    expect(read({ [name]: value })).toMatchObject(expected);
  });
  it.each([
    ['server.timeout', '0', 1],
    ['server.timeout', '-1', 1],
    ['server.timeout', '1.5', 1],
    ['server.timeout', '1e3', 1],
    ['server.timeout', 'x', 1],
    ['server.timeout', '', 1],
    ['server.connectionTimeout', '0', 1],
    ['server.retryAfter503', '0', 1],
    ['server.maxConnections', '0', 1],
    ['server.maxConnections', '99999999999999999999', 1],
    ['server.pendingAcquireMaxCount', '-2', -1],
    ['server.maxIdleTime', '-2', -1],
    ['server.maxLifeTime', '-2', -1],
    ['server.maxInMemorySize', '-2', -1],
  ])('%s=%s is a fault that tells what was expected', (name, value, min) => {
    expect(faultOf(name, value)).toBe(`must be a whole number of at least ${min}, not "${value}"`);
  });
});

describe('booleans', () => {
  it.each(['true', 'TRUE', ' false '])('may be %s', (value) => {
    expect(faultOf('server.secure', value)).toBeUndefined();
  });
  it.each(['server.secure', 'authenticated'])('%s=yes is a fault', (name) => {
    expect(faultOf(name, 'yes')).toBe('must be true or false, not "yes"');
  });
});

describe('faults', () => {
  it('are told all at once', () => {
    const given = {
      'server.baseUrl': 'x',
      'server.timeout': '0',
      'server.secure': 'maybe',
      'server.header.Host': 'h',
      'server.cookie.a': 'x;y',
      'server.forwardHeaders': 'cookie',
      token: 'a\nb',
    };
    expect(Object.keys(faults(given)).sort()).toEqual(Object.keys(given).sort());
  });
  it('show no more than 40 characters of a value', () => {
    expect(faultOf('server.timeout', 'x'.repeat(100))).toContain(`"${'x'.repeat(40)}…"`);
  });
});

describe('headers of every call', () => {
  it('hold the static token as a bearer', () => {
    expect(read({ token: 'abc' }).headers).toEqual(['authorization', 'Bearer abc']);
    expect(read({ token: '' }).headers).toEqual([]);
  });
  it('hold server.header.*, in lower case', () => {
    expect(read({ 'server.header.X-Tenant': 'a', 'server.header.x-b': '' }).headers).toEqual([
      'x-tenant',
      'a',
      'x-b',
      '',
    ]);
  });
  it('have server.header.Authorization in the place of the token', () => {
    expect(read({ token: 'abc', 'server.header.Authorization': 'Basic x' }).headers).toEqual([
      'authorization',
      'Basic x',
    ]);
  });
  it('hold server.cookie.* in one header', () => {
    expect(read({ 'server.cookie.a': '1', 'server.cookie.b': '2' }).headers).toEqual(['cookie', 'a=1; b=2']);
  });
  it.each([
    ...[
      'Host',
      'Content-Length',
      'Transfer-Encoding',
      'Connection',
      'Keep-Alive',
      'TE',
      'Trailer',
      'Upgrade',
      'Expect',
    ],
    ...['Proxy-Connection', 'traceparent', 'request_metadata'],
  ])('never hold %s, which the gateway sets itself', (name) => {
    expect(faultOf(`server.header.${name}`, 'x')).toBe('is set by the gateway itself');
  });
  it.each([
    ['server.header.a b', 'x', /not the name of a header/],
    ['server.header.x-a', 'a\r\nb: c', /characters that a header cannot carry/],
    ['server.header.x-a', '€', /characters that a header cannot carry/],
    ['server.cookie.a', 'x;y', /characters that a cookie cannot carry/],
    ['server.cookie.a b', 'x', /characters that a cookie cannot carry/],
    ['token', 'a\nb', /characters that a header cannot carry/],
  ])('%s=%j is a fault', (name, value, message) => {
    expect(faultOf(name, value)).toMatch(message);
    expect(faultOf(name, value)).not.toContain(value);
  });
});

describe('server.forwardHeaders', () => {
  it('is a list, in lower case, with or without blanks', () => {
    expect(read({ 'server.forwardHeaders': 'X-A, x-b,,X-C ' }).forwardHeaders).toEqual(['x-a', 'x-b', 'x-c']);
  });
  it.each([
    ...['Authorization', 'Proxy-Authorization', 'Cookie', 'Rierino-Origin', 'Sluice-Origin', 'Rierino-Auth.token'],
    ...[
      'Sluice-Auth.x',
      'Host',
      'Connection',
      'Content-Length',
      'Transfer-Encoding',
      'traceparent',
      'request_metadata',
    ],
  ])('never names %s', (name) => {
    expect(faultOf('server.forwardHeaders', `x-a, ${name}`)).toBe(`"${name.toLowerCase()}" never goes to a runner`);
  });
  it('names headers only', () => {
    expect(faultOf('server.forwardHeaders', 'a b')).toBe('"a b" is not the name of a header');
  });
});

describe('the table of parameters', () => {
  it('has every parameter of rpc and crud systems in spec/components.md', () => {
    const names = [
      ...['logging_service', 'request_logging_topic', 'response_logging_topic', 'tracking_service', 'tracking_topic'],
      ...['authenticated', 'token', 'server.baseUrl', 'server.balanced', 'server.discovery', 'server.instances'],
      ...['server.secure', 'server.trust', 'server.trustAll', 'server.mTLS.enabled', 'server.maxInMemorySize'],
      ...['server.timeout', 'server.totalTimeout', 'server.connectionTimeout', 'server.retryAfter503'],
      ...['server.maxConnections', 'server.maxIdleTime', 'server.maxLifeTime', 'server.pendingAcquireMaxCount'],
      ...['server.header.*', 'server.cookie.*', 'server.clientId', 'server.secret', 'server.tokenPath'],
      ...['server.health.path', 'server.health.intervalMs', 'server.forwardHeaders'],
    ];
    expect(Object.keys(HTTP_PARAMETERS).sort()).toEqual(names.sort());
  });
  it('marks as secret what must never be shown', () => {
    const secret = Object.entries(HTTP_PARAMETERS).filter(([, spec]) => spec.secret === true);
    expect(secret.map(([name]) => name).sort()).toEqual([
      'server.cookie.*',
      'server.header.*',
      'server.secret',
      'token',
    ]);
  });
});
