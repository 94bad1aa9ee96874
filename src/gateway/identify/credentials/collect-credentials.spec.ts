import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { collectCredentials } from './collect-credentials.js';
import { STANDARD_NAMES } from './credential-names.js';

const collect = (headers: Record<string, string | string[]>, body: string | null = null) =>
  collectCredentials(headers, body, { tokenName: 'Gateway_Token' });
const found = (...given: Parameters<typeof collect>) =>
  Object.fromEntries([...collect(...given).values].map(([name, { value, from }]) => [name, `${value} (${from})`]));
const basic = `Basic ${Buffer.from('alice:secret').toString('base64')}`;

describe('the credentials of a request', () => {
  it('are collected from all places, under lower-case names', () => {
    const headers = {
      'rierino-auth.stage': 'otp',
      'sluice-auth.otp': '123456',
      authorization: basic,
      cookie: 'Rierino-Auth.Refresh_Token=r; Sluice-Auth.x=y',
    };
    expect(found(headers, '{"auth_code":"c"}')).toEqual({
      stage: 'otp (header)',
      otp: '123456 (header)',
      username: 'alice (authorization)',
      password: 'secret (authorization)',
      refresh_token: 'r (cookie)',
      x: 'y (cookie)',
      auth_code: 'c (body)',
    });
  });
  it('come from the first place of each name: header, Authorization, cookie, body', () => {
    const body = '{"a":"5","b":"5","c":"5","d":"5","e":"5"}';
    const headers = {
      'rierino-auth.a': '1',
      'sluice-auth.a': '2',
      'sluice-auth.b': '2',
      authorization: 'Bearer multi=a:3,b:3,c:3',
      cookie: 'Rierino-Auth.a=4; Rierino-Auth.b=4; Rierino-Auth.c=4; Rierino-Auth.d=4; Rierino-Auth.d=6',
    };
    expect(found(headers, body)).toEqual({
      a: '1 (header)',
      b: '2 (header)',
      c: '3 (authorization)',
      d: '4 (cookie)',
      e: '5 (body)',
    });
  });
  it("have a Bearer token under the channel's name for it", () => {
    expect(found({ authorization: 'Bearer abc' })).toEqual({ gateway_token: 'abc (authorization)' });
  });
  it('take any single name with one value in Authorization', () => {
    expect(found({ authorization: 'magic_link abc' })).toEqual({ magic_link: 'abc (authorization)' });
  });
  it('do not take the schemes of others', () => {
    expect(found({ authorization: 'Negotiate abc' })).toEqual({});
  });
  it.each([...STANDARD_NAMES, 'gateway_token'])('are malformed where %s stands alone in Authorization', (name) => {
    expect(collect({ authorization: name }).malformed).toBe(true);
  });
  it('have what is good beside what is malformed', () => {
    const { malformed, values } = collect({ authorization: 'Basic', 'rierino-auth.username': 'bob' });
    expect([malformed, values.get('username')?.value]).toEqual([true, 'bob']);
  });
  it('are malformed with a header or cookie of more than 16 KiB', () => {
    const long = 'x'.repeat(16_385);
    expect(collect({ 'rierino-auth.a': long }).malformed).toBe(true);
    expect(collect({ cookie: `Rierino-Auth.a=${long}` }).malformed).toBe(true);
    expect(collect({ 'rierino-auth.a': long.slice(1) }).malformed).toBe(false);
  });
  it('are malformed with more than fifty parameters in the head', () => {
    const headers = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_item, index) => [`rierino-auth.n${index}`, '1']));
    expect([collect(headers(50)).malformed, collect(headers(51)).malformed]).toEqual([false, true]);
    expect(collect(headers(51)).values.size).toBe(50);
  });
  it('are none in a name that is empty or longer than 64 characters', () => {
    expect(found({ 'rierino-auth.': 'x', [`rierino-auth.${'n'.repeat(65)}`]: 'x', cookie: 'Rierino-Auth.=x' })).toEqual(
      {},
    );
  });
  it('may be called like members of every object', () => {
    const { values } = collect({ 'rierino-auth.constructor': 'a' }, '{"__proto__":"b","toString":"c"}');
    expect([...values.keys()]).toEqual(['constructor', '__proto__', 'tostring']);
  });
});

describe('the body of an auth flow', () => {
  it('gives texts, and numbers and booleans as they were written', () => {
    expect(found({}, '{"username":"a","otp":123456,"n":1.10,"remember":true}')).toEqual({
      username: 'a (body)',
      otp: '123456 (body)',
      n: '1.10 (body)',
      remember: 'true (body)',
    });
  });
  it('may have other members, which are left out', () => {
    const body = JSON.stringify({ username: 'a', profile: { x: 1 }, list: [1], bio: 'x'.repeat(20_000), 'a b': 1 });
    expect([found({}, body), collect({}, body).malformed]).toEqual([{ username: 'a (body)' }, false]);
  });
  it('gives the first fifty of more parameters', () => {
    const body = `{${Array.from({ length: 90 }, (_item, index) => `"n${index}":1`).join(',')}}`;
    const { values, malformed } = collect({}, body);
    expect([values.size, values.has('n49'), malformed]).toEqual([50, true, false]);
  });
  it('is malformed where it is no object', () => {
    expect(['[]', '"x"', '1', '{'].map((body) => collect({}, body).malformed)).toEqual(Array(4).fill(true));
    expect(collect({}, 'null').malformed).toBe(false);
  });
});

describe('a cookie', () => {
  const cookie = (header: string) => found({ cookie: header });
  it.each([
    ['in quotes', 'Rierino-Auth.a="x y"', 'x y (cookie)'],
    ['in another case', 'rierino-auth.A=x', 'x (cookie)'],
    ['with blanks around', ' Rierino-Auth.a = x ;b=1', 'x (cookie)'],
    ['that looks encoded is not decoded', 'Rierino-Auth.a=%20x', '%20x (cookie)'],
    ['with equals signs', 'Rierino-Auth.a=x==', 'x== (cookie)'],
    ['of the first family before one of the second', 'Sluice-Auth.a=y; Rierino-Auth.a=x', 'x (cookie)'],
    ['that is empty does not hide a later one', 'Rierino-Auth.a=; Rierino-Auth.a=x', 'x (cookie)'],
  ])('%s is read', (_what, header, value) => {
    expect(cookie(header)).toEqual({ a: value });
  });
  it.each(['Rierino-Auth.a', 'Rierino-Auth.a; b=1', 'XRierino-Auth.a=1', 'x=Rierino-Auth.a=1', 'Rierino-Auth', ';;;'])(
    'is none in %s',
    (header) => {
      expect(cookie(header)).toEqual({});
    },
  );
});

it('whatever comes, collecting ends without throwing and within its bounds', () => {
  const header = fc.oneof(
    fc.constantFrom('authorization', 'cookie', 'rierino-auth.__proto__', 'rierino-auth.a'),
    fc.string().map((name) => `rierino-auth.${name}`),
  );
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string(), { maxLength: 3 }));
  const body = fc.option(fc.oneof(fc.json(), fc.string()));
  fc.assert(
    fc.property(fc.dictionary(header, value), body, (headers, text) => {
      const { values } = collect(headers, text);
      expect(values.size).toBeLessThanOrEqual(50);
      for (const credential of values.values()) expect(credential.value).not.toBe('');
    }),
    { numRuns: 1000 },
  );
});
