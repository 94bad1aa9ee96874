import { describe, expect, it } from '@jest/globals';
import { answerParts } from './response-part.js';

const parts = (part: unknown, ...allowed: string[]) => answerParts(JSON.stringify(part), new Set(allowed));
const headers = (given: object, ...allowed: string[]) => parts({ headers: given }, ...allowed).headers;
const cookie = (given: unknown) => parts({ cookies: [given] }, 'set-cookie').headers[1];

describe('the status of _response', () => {
  it.each([200, 201, 204, 304, 404, 599])('may be %s', (status) => {
    expect(parts({ status }).status).toBe(status);
  });
  it.each([100, 199, 600, 0, -1, 200.5, '200', null, {}])('is left out where it is %j', (status) => {
    expect(parts({ status }).status).toBeNull();
  });
});

describe('the headers of _response', () => {
  it('pass as those of a crud runner do', () => {
    expect(headers({ ETag: '"1"', 'Cache-Control': 'no-store', 'X-A': '1', Server: 'x' })).toEqual([
      ...['etag', '"1"', 'cache-control', 'no-store'],
    ]);
    expect(headers({ 'X-A': '1' }, 'x-a')).toEqual(['x-a', '1']);
  });
  it('may be numbers, booleans and lists', () => {
    expect(headers({ 'Retry-After': 5, 'X-B': true, Link: ['<a>', '<b>'] }, 'x-b')).toEqual([
      ...['retry-after', '5', 'x-b', 'true', 'link', '<a>', 'link', '<b>'],
    ]);
  });
  it.each(['Content-Length', 'Content-Type', 'Content-Encoding', 'Content-Range', 'Content-MD5', 'Content-Digest'])(
    'do not hold %s, which describes a body that is ours',
    (name) => {
      expect(headers({ [name]: '1' }, name.toLowerCase())).toEqual([]);
    },
  );
  it('may hold content headers that tell how to show the body', () => {
    expect(headers({ 'Content-Language': 'de' })).toEqual(['content-language', 'de']);
  });
  it.each(['Connection', 'Transfer-Encoding', 'Upgrade', 'Keep-Alive', 'Proxy-Authenticate'])(
    'never hold %s, whoever allows it',
    (name) => {
      expect(headers({ [name]: 'x' }, name.toLowerCase())).toEqual([]);
    },
  );
  it('set no cookie by the back door', () => {
    expect(headers({ 'Set-Cookie': 'a=1' }, 'set-cookie')).toEqual([]);
  });
  it.each([['a\r\nX-B: 1'], ['a\u0000'], ['€'], [{ a: 1 }], [null]])('leave out a value such as %j', (value) => {
    expect(headers({ ETag: value, Vary: 'accept' })).toEqual(['vary', 'accept']);
  });
});

describe('the cookies of _response', () => {
  it('are set where the channel allows set-cookie', () => {
    expect(parts({ cookies: [{ name: 'a', value: '1' }] }, 'set-cookie').headers).toEqual(['set-cookie', 'a=1']);
    expect(parts({ cookies: [{ name: 'a', value: '1' }] }).headers).toEqual([]);
  });
  it('may have all attributes', () => {
    const all = { name: 'a', value: '1', path: '/x', maxAge: 60, httpOnly: true, secure: true, sameSite: 'Lax' };
    expect(cookie(all)).toBe('a=1; Path=/x; Max-Age=60; HttpOnly; Secure; SameSite=Lax');
  });
  it('may end one, and may be empty', () => {
    expect(cookie({ name: 'a', value: '', maxAge: 0 })).toBe('a=; Max-Age=0');
  });
  it.each([
    ['path', 'x'],
    ['path', '/a; Domain=evil'],
    ['maxAge', 1.5],
    ['maxAge', '60'],
    ['httpOnly', 'true'],
    ['secure', 1],
    ['sameSite', 'lax; Domain=evil'],
  ])('leave out the attribute %s=%j', (name, value) => {
    expect(cookie({ name: 'a', value: '1', [name]: value })).toBe('a=1');
  });
  it.each([
    [{ name: 'a b', value: '1' }],
    [{ name: '', value: '1' }],
    [{ name: 'a', value: '1; Domain=evil' }],
    [{ name: 'a', value: 'x\r\ny' }],
    [{ name: 'a', value: 1 }],
    [{ value: '1' }],
    [{ name: 'a' }],
    [null],
    ['a=1'],
  ])('leave out one such as %j', (given) => {
    expect(parts({ cookies: [given, { name: 'b', value: '2' }] }, 'set-cookie').headers).toEqual(['set-cookie', 'b=2']);
  });
});

describe('a _response that is malformed', () => {
  it.each([[null], [1], ['x'], [[]], [{ headers: 1, cookies: {}, status: {} }], [{ headers: null, cookies: null }]])(
    'changes nothing: %j',
    (part) => {
      expect(parts(part, 'set-cookie')).toEqual({ status: null, headers: [] });
    },
  );
});
