import { describe, expect, it } from '@jest/globals';
import { mayPass, passedHeaders, publicLocation, type PassRules } from './runner-headers.js';

const rules = (given: Partial<PassRules> = {}): PassRules => ({
  allowed: new Set(),
  backendOrigin: 'http://orders:8080',
  backendPrefix: '/base/api/crud',
  publicPrefix: '/api/request/todo',
  ...given,
});

describe('the headers of a crud answer that reach the client', () => {
  it.each([
    ...['content-type', 'content-language', 'content-disposition', 'content-encoding', 'content-length', 'etag'],
    ...['last-modified', 'cache-control', 'vary', 'link', 'accept-ranges', 'retry-after'],
  ])('hold %s', (name) => {
    expect(passedHeaders({ [name]: 'v' }, rules())).toEqual([name, 'v']);
  });
  it.each([
    'set-cookie',
    'server',
    'x-powered-by',
    'x-internal',
    'www-authenticate',
    'date',
    'access-control-allow-origin',
  ])('do not hold %s', (name) => {
    expect(passedHeaders({ [name]: 'v' }, rules())).toEqual([]);
  });
  it('hold what the channel allows besides', () => {
    expect(passedHeaders({ 'x-total': '3', 'x-other': '4' }, rules({ allowed: new Set(['x-total']) }))).toEqual([
      'x-total',
      '3',
    ]);
  });
  it('hold each cookie where the channel allows set-cookie', () => {
    expect(passedHeaders({ 'set-cookie': ['a=1', 'b=2'] }, rules({ allowed: new Set(['set-cookie']) }))).toEqual([
      ...['set-cookie', 'a=1', 'set-cookie', 'b=2'],
    ]);
  });
  it.each([
    ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer'],
    ...['transfer-encoding', 'upgrade'],
  ])('never hold %s, which is of this hop, whoever allows it', (name) => {
    expect(passedHeaders({ [name]: 'v' }, rules({ allowed: new Set([name]) }))).toEqual([]);
    expect(mayPass(name, new Set([name]))).toBe(false);
  });
  it("do not hold what the backend's Connection names, but for the length", () => {
    const headers = { connection: 'ETag, content-length ,X-A', etag: '"1"', 'content-length': '3', vary: 'accept' };
    expect(passedHeaders(headers, rules())).toEqual(['content-length', '3', 'vary', 'accept']);
  });
});

describe('the Location of a crud answer', () => {
  it.each([
    ['http://orders:8080/base/api/crud/todo/1', '/api/request/todo/todo/1'],
    ['/base/api/crud/todo/1', '/api/request/todo/todo/1'],
    ['/base/api/crud', '/api/request/todo'],
    ['/base/api/crud/todo?a=1#b', '/api/request/todo/todo?a=1#b'],
    ['HTTP://ORDERS:8080/base/api/crud/1', '/api/request/todo/1'],
    ['//orders:8080/base/api/crud/1', '/api/request/todo/1'],
    ['/base/api/crud/%C3%A9%20x', '/api/request/todo/%C3%A9%20x'],
  ])('%s becomes %s', (location, expected) => {
    expect(publicLocation(location, rules())).toBe(expected);
  });
  it('is rewritten among the headers', () => {
    expect(passedHeaders({ location: '/base/api/crud/1' }, rules())).toEqual(['location', '/api/request/todo/1']);
  });
  it.each(['1', '../1', '?page=2', '#a'])('that is relative stays: %s', (location) => {
    expect(publicLocation(location, rules())).toBe(location);
  });
  it.each([
    'https://elsewhere/a',
    'http://orders:9090/base/api/crud/1',
    'https://orders:8080/base/api/crud/1',
    '//elsewhere/a',
  ])('elsewhere stays: %s', (location) => {
    expect(publicLocation(location, rules())).toBe(location);
  });
  it('elsewhere on the backend does not tell its authority', () => {
    expect(publicLocation('http://orders:8080/other/1', rules())).toBe('/other/1');
    expect(publicLocation('/base/api/crudder/1', rules())).toBe('/base/api/crudder/1');
  });
  it('of a backend without a path is below the channel as a whole', () => {
    expect(publicLocation('/1', rules({ backendPrefix: '' }))).toBe('/api/request/todo/1');
  });
  it('is below an alias where the call came by one', () => {
    expect(publicLocation('/base/api/crud/1', rules({ publicPrefix: '/shop' }))).toBe('/shop/1');
  });
  it('that is no URL stays', () => {
    expect(publicLocation('http://[', rules())).toBe('http://[');
  });
  it('is in escapes where the id of a channel needs them, since a header holds no other characters', () => {
    expect(publicLocation('/base/api/crud/1', rules({ publicPrefix: '/api/request/żółw a' }))).toBe(
      '/api/request/%C5%BC%C3%B3%C5%82w%20a/1',
    );
  });
});
