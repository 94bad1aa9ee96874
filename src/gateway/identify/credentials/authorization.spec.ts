import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { authorizationOf } from './authorization.js';

const reading = { tokenName: 'gateway_token', counting: new Set(['gateway_token', 'api-key']), takesBasic: true };
const read = (value: string) => {
  const authorization = authorizationOf(value, reading);
  return authorization === 'malformed' ? 'malformed' : Object.fromEntries(authorization);
};
const base64 = (text: string | Buffer) => Buffer.from(text as string).toString('base64');
const bearerObject = (json: string) => read(`Bearer base64=${base64(json)}`);

describe('Basic', () => {
  it('gives username and password: the example of RFC 7617', () => {
    expect(read('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')).toEqual({ username: 'Aladdin', password: 'open sesame' });
  });
  it.each([
    ['in another case', `bAsIc ${base64('a:b')}`, 'b'],
    ['after two blanks', `Basic  ${base64('a:b')}`, 'b'],
    ['with a password of colons', `Basic ${base64('a:b:c:')}`, 'b:c:'],
    ['with a password in UTF-8', `Basic ${base64('a:pässwörd')}`, 'pässwörd'],
    ['without padding', `Basic ${base64('a:b').replaceAll('=', '')}`, 'b'],
    ['in the URL alphabet', `Basic ${Buffer.from('a:???>>>').toString('base64url')}`, '???>>>'],
    ['without a password', `Basic ${base64('a:')}`, ''],
  ])('%s is read', (_what, value, password) => {
    expect(read(value)).toEqual({ username: 'a', password });
  });
  it.each([
    ['alone', 'Basic'],
    ['with blanks alone', 'Basic  '],
    ['of what is no base64', 'Basic a:b'],
    ['of base64 of an impossible length', 'Basic YTpiY'],
    ['with wrong padding', 'Basic YTpi='],
    ['of base64 and more', `Basic ${base64('a:b')} x`],
    ['of two', `Basic ${base64('a:b')}, Basic ${base64('a:b')}`],
    ['of bytes that are no UTF-8', `Basic ${base64(Buffer.from([0x61, 0x3a, 0xff]))}`],
    ['of text without a colon', `Basic ${base64('alice')}`],
    ['with a comma instead of a blank', 'Basic,YTpi'],
  ])('%s is malformed', (_what, value) => {
    expect(read(value)).toBe('malformed');
  });
  it('is no token where only tokens count, however it ends', () => {
    for (const value of [`Basic ${base64('a:b')}`, 'Basic', 'Basic ?'])
      expect(authorizationOf(value, { ...reading, takesBasic: false })).toEqual([]);
  });
});

describe('Bearer', () => {
  it.each([
    ['a token', 'Bearer a.b-c_d~e', 'a.b-c_d~e'],
    ['in another case', 'bEARER abc', 'abc'],
    ['after two blanks', 'Bearer  abc', 'abc'],
    ['that ends with padding', 'Bearer abc==', 'abc=='],
    ['of 16 KiB', `Bearer ${'a'.repeat(16_384)}`, 'a'.repeat(16_384)],
  ])("%s is the channel's token", (_what, value, token) => {
    expect(read(value)).toEqual({ gateway_token: token });
  });
  it.each([
    ['alone', 'Bearer'],
    ['with a blank alone', 'Bearer '],
    ['with a tab', 'Bearer\tabc'],
    ['of two words', 'Bearer abc def'],
    ['and another parameter', 'Bearer abc, stage otp'],
    ['of two tokens', 'Bearer abc,def'],
    ['of more than 16 KiB', `Bearer ${'a'.repeat(16_385)}`],
  ])('%s is malformed', (_what, value) => {
    expect(read(value)).toBe('malformed');
  });
  it('that is only how a longer word begins is another scheme', () => {
    expect(read('Bearers abc def')).toEqual({});
  });
});

describe('Bearer base64=', () => {
  it('gives the members of an object, under lower-case names', () => {
    expect(bearerObject('{"Gateway_Token":"abc","stage":"otp"}')).toEqual({ gateway_token: 'abc', stage: 'otp' });
  });
  it('gives numbers and booleans as they were written', () => {
    expect(bearerObject('{"otp":123456,"big":9007199254740993,"remember":true}')).toEqual({
      otp: '123456',
      big: '9007199254740993',
      remember: 'true',
    });
  });
  it('gives nothing for null, for an empty text and for an empty object', () => {
    expect([bearerObject('{"otp":null,"stage":""}'), bearerObject('{}')]).toEqual([{}, {}]);
  });
  it('gives the last of two equal names', () => {
    expect(bearerObject('{"otp":"1","OTP":"2"}')).toEqual({ otp: '2' });
  });
  it('has __proto__ as a name like any other', () => {
    const found = authorizationOf(`Bearer base64=${base64('{"__proto__":"x"}')}`, reading);
    expect(found).toEqual([['__proto__', 'x']]);
  });
  it.each([
    ['an array', '[]'],
    ['a text', '"x"'],
    ['no JSON', '{a:1}'],
    ['nothing', ''],
    ['a nested object', '{"a":{}}'],
    ['a nested array', '{"a":["x"]}'],
    ['an empty name', '{"":"x"}'],
    ['a name with a blank', '{"a b":"x"}'],
    ['a name of 65 characters', `{"${'a'.repeat(65)}":"x"}`],
    ['a value of more than 16 KiB', `{"a":"${'x'.repeat(16_385)}"}`],
    ['more than fifty names', `{${Array.from({ length: 51 }, (_item, index) => `"n${index}":1`).join(',')}}`],
  ])('of %s is malformed', (_what, json) => {
    expect(bearerObject(json)).toBe('malformed');
  });
  it('of fifty names is read', () => {
    const json = `{${Array.from({ length: 50 }, (_item, index) => `"n${index}":1`).join(',')}}`;
    expect(Object.keys(bearerObject(json))).toHaveLength(50);
  });
  it('of what is no base64, or no UTF-8, is malformed', () => {
    expect(read('Bearer base64={}')).toBe('malformed');
    expect(read(`Bearer base64=${base64(Buffer.from('{"a":"\xff"}', 'latin1'))}`)).toBe('malformed');
  });
});

describe('Bearer multi=', () => {
  it('gives names and values, a value beginning behind the first colon', () => {
    expect(read('Bearer multi=gateway_token:abc,url:http://x,Stage:otp')).toEqual({
      gateway_token: 'abc',
      url: 'http://x',
      stage: 'otp',
    });
  });
  it('takes blanks around elements, blanks in values, and empty values', () => {
    expect(read('Bearer multi=a:1, b:2 3 ,c:')).toEqual({ a: '1', b: '2 3', c: '' });
  });
  it.each([
    ['nothing', ''],
    ['an empty name', ':x'],
    ['a name with a blank', 'a b:x'],
    ['an element without a colon', 'a:1,b'],
    ['an empty element', 'a:1,,b:2'],
    ['a comma at the end', 'a:1,'],
    ['more than fifty elements', Array(51).fill('a:1').join(',')],
    ['a value of more than 16 KiB', `a:${'x'.repeat(16_385)}`],
  ])('with %s is malformed', (_what, list) => {
    expect(read(`Bearer multi=${list}`)).toBe('malformed');
  });
});

describe('[parameter] value', () => {
  it.each([
    ['one parameter', 'API-key abc', { 'api-key': 'abc' }],
    ['in another case', 'GATEWAY_token AbC', { gateway_token: 'AbC' }],
    ['two parameters', 'gateway_token abc, stage otp', { gateway_token: 'abc', stage: 'otp' }],
    ['without a blank behind the comma', 'username bob,password x', { username: 'bob', password: 'x' }],
    ['with two blanks', 'gateway_token  abc', { gateway_token: 'abc' }],
    ['of any name', 'X-Thing 1', { 'x-thing': '1' }],
    ['the wanted one in the second place', 'x-thing 1, gateway_token abc', { 'x-thing': '1', gateway_token: 'abc' }],
  ])('is read: %s', (_what, value, parameters) => {
    expect(read(value)).toEqual(parameters);
  });
  it.each([
    ['alone', 'gateway_token'],
    ['with two values', 'gateway_token abc def'],
    ['with a tab in its value', 'gateway_token abc\tdef'],
    ['with a comma in its value', 'gateway_token abc,def'],
    ['with a comma at its end', 'gateway_token abc,'],
    ['with a comma instead of a blank', 'gateway_token,abc'],
    ['with a second name alone', 'API-key abc, stage'],
    ['with a value of more than 16 KiB', `API-key ${'x'.repeat(16_385)}`],
  ])('that begins with a name that counts is malformed %s', (_what, value) => {
    expect(read(value)).toBe('malformed');
  });
  it.each([
    ['Digest', 'Digest username="Mufasa", realm="x", uri="/"'],
    ['Digest of one element', 'Digest x'],
    ['Negotiate', 'Negotiate YIIabc=='],
    ['NTLM', 'NTLM TlRMTVNTUAAB'],
    ['DPoP', 'DPoP abc'],
    ['AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c'],
    ['AWS4 of one element', 'AWS4-ECDSA-P256-SHA256 x'],
    ['an unknown scheme that is no list of parameters', 'Thing a="b c", d'],
    ['an unknown word alone', 'thing'],
    ['a foreign scheme before our own name', 'Digest x, gateway_token abc'],
    ['an empty value', ''],
  ])('another scheme is no token: %s', (_what, value) => {
    expect(read(value)).toEqual({});
  });
});

describe('any value', () => {
  const alphabet = fc.constantFrom(
    'Bearer',
    'Basic',
    ' ',
    ',',
    ':',
    '=',
    'base64=',
    'multi=',
    'gateway_token',
    'a',
    'é',
  );
  const pieces = fc.array(alphabet, { maxLength: 8 }).map((list) => list.join(''));
  it('is read without throwing, into names in lower case and bounded values', () => {
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' })), (value) => {
        const found = authorizationOf(value, reading);
        if (found === 'malformed') return;
        for (const [name, text] of found) expect([name.toLowerCase(), text.length <= 16_384]).toEqual([name, true]);
      }),
      { numRuns: 2000 },
    );
  });
  it('as an object in base64 gives what was put in', () => {
    const name = fc.stringMatching(/^[a-z_-]{1,10}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ minLength: 1 })), (parameters) => {
        expect(bearerObject(JSON.stringify(parameters))).toEqual({ ...parameters });
      }),
    );
  });
});
