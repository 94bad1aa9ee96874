import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { credentialNamesOf } from './credential-names.js';
import { gatewayTokenInBody, gatewayTokenOf } from './gateway-token.js';

const names = credentialNamesOf({ apiKeyName: 'API-key' });
const find = (headers: Record<string, string | string[]>) => gatewayTokenOf(headers, names);
const token = (value: string, from: string) => ({ kind: 'token', value, from });
const apiKey = (value: string, from: string) => ({ kind: 'apiKey', value, from });
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the gateway token of a call', () => {
  it('is called gateway_token where the record names none', () => {
    expect([names.tokenName, names.apiKeyName]).toEqual(['gateway_token', 'api-key']);
    expect(credentialNamesOf({}).apiKeyName).toBeNull();
  });
  it.each([
    ['header Rierino-Auth.gateway_token', { 'rierino-auth.gateway_token': 'a' }, token('a', 'header')],
    ['header Sluice-Auth.gateway_token', { 'sluice-auth.gateway_token': 'a' }, token('a', 'header')],
    ['Authorization: Bearer', { authorization: 'Bearer a' }, token('a', 'authorization')],
    ['Authorization: gateway_token', { authorization: 'Gateway_Token a' }, token('a', 'authorization')],
    ['a list', { authorization: 'stage otp, gateway_token a' }, token('a', 'authorization')],
    ['multi', { authorization: 'Bearer multi=stage:otp,gateway_token:a' }, token('a', 'authorization')],
    ['base64', { authorization: `Bearer base64=${base64('{"gateway_token":"a"}')}` }, token('a', 'authorization')],
    ['cookie Rierino-Auth.gateway_token', { cookie: 'x=1; Rierino-Auth.gateway_token=a' }, token('a', 'cookie')],
    ['cookie Sluice-Auth.gateway_token', { cookie: 'Sluice-Auth.gateway_token="a"' }, token('a', 'cookie')],
  ])('is found in %s', (_where, headers, expected) => {
    expect(find(headers as never)).toEqual(expected);
  });
  it.each([
    ['header Rierino-Auth.API-key', { 'rierino-auth.api-key': 'k' }, 'header'],
    ["the header of the key's own name", { 'api-key': 'k' }, 'header'],
    ['Authorization', { authorization: 'API-key k' }, 'authorization'],
    ['a cookie', { cookie: 'Rierino-Auth.API-key=k' }, 'cookie'],
  ])('may be an API key instead, in %s', (_where, headers, from) => {
    expect(find(headers as never)).toEqual(apiKey('k', from));
  });
  it('comes from the first place that has it: header, Authorization, cookie', () => {
    const all = {
      cookie: 'Rierino-Auth.gateway_token=d',
      authorization: 'Bearer c',
      'sluice-auth.gateway_token': 'b',
      'rierino-auth.gateway_token': 'a',
    };
    const { 'rierino-auth.gateway_token': _a, ...second } = all;
    const { 'sluice-auth.gateway_token': _b, ...third } = second;
    const { authorization: _c, ...fourth } = third;
    expect([all, second, third, fourth].map((headers) => (find(headers) as { value: string }).value).join('')).toBe(
      'abcd',
    );
  });
  it('comes before an API key in one place, and after one in an earlier place', () => {
    expect(find({ authorization: 'API-key k, gateway_token a' })).toEqual(token('a', 'authorization'));
    expect(find({ authorization: 'API-key k', cookie: 'Rierino-Auth.gateway_token=a' })).toEqual(
      apiKey('k', 'authorization'),
    );
  });
  it.each([
    ['nothing', {}],
    ['Basic', { authorization: `Basic ${base64('a:b')}` }],
    ['a broken Basic', { authorization: 'Basic' }],
    ['another scheme', { authorization: 'Digest a="b", c="d"' }],
    ['another parameter', { authorization: 'username bob' }],
    ['a broken list of other parameters', { authorization: 'username bob x' }],
    ['an empty header', { 'rierino-auth.gateway_token': '', authorization: '' }],
    ['an empty cookie', { cookie: 'Rierino-Auth.gateway_token=' }],
    ['the token of another record', { 'rierino-auth.other': 'a', cookie: 'Rierino-Auth.gateway_token2=a' }],
  ])('is missing with %s', (_what, headers) => {
    expect(find(headers as never)).toEqual({ kind: 'none' });
  });
  it('is looked for in the cookie where Authorization has Basic or another scheme', () => {
    const cookie = 'Rierino-Auth.gateway_token=a';
    for (const authorization of [`Basic ${base64('a:b')}`, 'Negotiate abc'])
      expect(find({ authorization, cookie })).toEqual(token('a', 'cookie'));
  });
  it.each([
    ['Bearer alone', { authorization: 'Bearer' }],
    ['a broken Bearer before a good cookie', { authorization: 'Bearer a b', cookie: 'Rierino-Auth.gateway_token=a' }],
    ['a name that counts without a value', { authorization: 'gateway_token' }],
    ['a header of more than 16 KiB', { 'rierino-auth.gateway_token': 'a'.repeat(16_385) }],
    ['a cookie of more than 16 KiB', { cookie: `Rierino-Auth.gateway_token=${'a'.repeat(16_385)}` }],
  ])('is malformed with %s', (_what, headers) => {
    expect(find(headers as never)).toEqual({ kind: 'malformed' });
  });
  it('of a record whose names every object has is missing, not found', () => {
    const odd = credentialNamesOf({ tokenName: '__proto__', apiKeyName: 'constructor' });
    expect(gatewayTokenOf({}, odd)).toEqual({ kind: 'none' });
    expect(gatewayTokenOf({ authorization: '__proto__ a' }, odd)).toEqual(token('a', 'authorization'));
  });
  it('is never read from a header with a meaning of its own', () => {
    const odd = credentialNamesOf({ apiKeyName: 'Cookie' });
    expect(gatewayTokenOf({ cookie: 'session=1' }, odd)).toEqual({ kind: 'none' });
  });
  it('is found in headers that came as lists, joined as Node joins them', () => {
    expect(find({ cookie: ['x=1', 'Rierino-Auth.gateway_token=a'] })).toEqual(token('a', 'cookie'));
    expect(find({ 'rierino-auth.gateway_token': ['a', 'b'] })).toEqual(token('a, b', 'header'));
  });
  it('never throws, and gives no more than 16 KiB', () => {
    const place = fc.constantFrom('authorization', 'cookie', 'rierino-auth.gateway_token', 'api-key', 'constructor');
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string(), { maxLength: 3 }));
    fc.assert(
      fc.property(fc.dictionary(place, value), (headers) => {
        const found = find(headers);
        if (!('value' in found)) return;
        expect([found.value === '', found.value.length <= 16_384]).toEqual([false, true]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the token in the body of a full call', () => {
  it('is the member of its name, in any case', () => {
    expect(gatewayTokenInBody('{"x":[1],"GATEWAY_TOKEN":"a"}', names)).toEqual(token('a', 'body'));
  });
  it('may be an API key', () => {
    expect(gatewayTokenInBody('{"API-key":"k"}', names)).toEqual(apiKey('k', 'body'));
  });
  it.each(['{}', 'null', '{"gateway_token":""}', '{"gateway_token":{}}'])('is missing in %s', (auth) => {
    expect(gatewayTokenInBody(auth, names)).toEqual({ kind: 'none' });
  });
  it.each(['"a"', '[]', '1', '{'])('is malformed in %s', (auth) => {
    expect(gatewayTokenInBody(auth, names)).toEqual({ kind: 'malformed' });
  });
});
