import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { csrfCookie, csrfHolds, csrfToken, isUnsafe } from './csrf.js';

const KEY = Buffer.alloc(32, 7);
const CREDENTIAL = 'eyJhbGciOiJIUzUxMiJ9.e30.c2ln';
const TOKEN = csrfToken(KEY, CREDENTIAL);

describe('a CSRF token', () => {
  it('is an HMAC of the credential, set apart from any other use of the key', () => {
    const expected = createHmac('sha256', KEY).update(`csrf\0${CREDENTIAL}`).digest('base64url');
    expect(TOKEN).toBe(expected);
    expect(TOKEN).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
  it('is the same wherever it is made, and another for another credential or key', () => {
    expect(csrfToken(Buffer.alloc(32, 7), CREDENTIAL)).toBe(TOKEN);
    expect(csrfToken(KEY, `${CREDENTIAL}x`)).not.toBe(TOKEN);
    expect(csrfToken(Buffer.alloc(32, 8), CREDENTIAL)).not.toBe(TOKEN);
  });
  it('goes out in a cookie that scripts can read, over TLS only, and not from other sites', () => {
    expect(csrfCookie(TOKEN)).toBe(`XSRF-TOKEN=${TOKEN}; Path=/; Secure; SameSite=Lax`);
  });
});

describe('a request', () => {
  it.each(['x-xsrf-token', 'x-csrf-token'])('holds with the token in %s', (name) => {
    expect(csrfHolds({ [name]: TOKEN }, KEY, CREDENTIAL)).toBe(true);
  });
  it('holds by X-XSRF-TOKEN where both are there', () => {
    expect(csrfHolds({ 'x-xsrf-token': TOKEN, 'x-csrf-token': 'wrong' }, KEY, CREDENTIAL)).toBe(true);
    expect(csrfHolds({ 'x-xsrf-token': 'wrong', 'x-csrf-token': TOKEN }, KEY, CREDENTIAL)).toBe(false);
    expect(csrfHolds({ 'x-xsrf-token': '', 'x-csrf-token': TOKEN }, KEY, CREDENTIAL)).toBe(true);
  });
  it.each<[string, string | string[] | undefined]>([
    ['no token', undefined],
    ['an empty one', ''],
    ['a short one', TOKEN.slice(1)],
    ['a long one', `${TOKEN}=`],
    ['a huge one', TOKEN.repeat(700)],
    ['one of other case', TOKEN.toLowerCase()],
    ['one with characters beyond ASCII', TOKEN.replace(/./, 'ž')],
    ['a repeated one', `${TOKEN}, ${TOKEN}`],
    ['a list', [TOKEN, TOKEN]],
    ['that of another credential', csrfToken(KEY, 'other')],
  ])('does not hold with %s', (_what, given) => {
    const headers = given === undefined ? {} : { 'x-xsrf-token': given };
    expect(csrfHolds(headers, KEY, CREDENTIAL)).toBe(false);
  });
});

describe('a method', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'post', 'MOVE'])('may change something: %s', (method) => {
    expect(isUnsafe(method)).toBe(true);
  });
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('changes nothing: %s', (method) => {
    expect(isUnsafe(method)).toBe(false);
  });
});
