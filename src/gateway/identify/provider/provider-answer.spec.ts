import { describe, expect, it } from '@jest/globals';
import { providerAnswer, type SentAuth } from './provider-answer.js';

const jwt = (claims: object) =>
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

interface Given {
  readonly payload?: object;
  readonly requestMeta?: object;
  readonly action?: SentAuth['action'];
  readonly auth?: Record<string, string>;
}
function read({ payload = {}, requestMeta = {}, action = 'login', auth = {} }: Given) {
  const texts = { payload: JSON.stringify(payload), requestMeta: JSON.stringify(requestMeta) };
  return providerAnswer({ kind: 'good', isEvent: true, ...texts }, { action, auth: new Map(Object.entries(auth)) });
}
const plain = (body: object) =>
  providerAnswer(
    { kind: 'good', isEvent: false, payload: JSON.stringify(body), requestMeta: '{}' },
    { action: 'login', auth: new Map() },
  );

describe('tokens of an answer', () => {
  it('are those of payload.token, payload.user, payload and requestMeta.auth, in this order', () => {
    const places = [
      { payload: { token: { access_token: 'a1' } } },
      { payload: { user: { access_token: 'a2' } } },
      { payload: { access_token: 'a3' } },
      { requestMeta: { auth: { access_token: 'a4' } } },
    ];
    for (const [first] of places.entries()) {
      const payload = Object.assign({}, ...places.slice(first).map((place) => place.payload)) as object;
      const requestMeta = { auth: { access_token: 'a4' } };
      expect(read({ payload, requestMeta }).tokens!.accessToken).toBe(`a${first + 1}`);
    }
  });
  it('have lifetimes in seconds, as numbers or text', () => {
    const token = { access_token: 'a', refresh_token: 'r', id_token: 'i', expires_in: 60, refresh_expires_in: '600' };
    expect(read({ payload: { token } }).tokens).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      idToken: 'i',
      expiresInSeconds: 60,
      refreshExpiresInSeconds: 600,
    });
  });
  it.each([undefined, '', 7, null, {}])('are none where access_token is %j', (access_token) => {
    expect(read({ payload: { token: { access_token } } }).tokens).toBeNull();
  });
  it('are none where the server only sends back the access token that the client brought', () => {
    const auth = { access_token: 'mine' };
    expect(read({ auth, requestMeta: { auth } }).tokens).toBeNull();
    expect(read({ auth, requestMeta: { auth: { access_token: 'theirs' } } }).tokens!.accessToken).toBe('theirs');
  });
});

describe('the user of an answer', () => {
  it('stands in payload.user, payload.token.user or requestMeta.user, in this order', () => {
    const user = (id: string) => ({ user: { id } });
    const requestMeta = user('c');
    expect(read({ payload: { ...user('a'), token: user('b') }, requestMeta }).user).toEqual({ id: 'a' });
    expect(read({ payload: { token: user('b') }, requestMeta }).user).toEqual({ id: 'b' });
    expect(read({ requestMeta }).user).toEqual({ id: 'c' });
    expect(read({}).user).toBeNull();
  });
  it('is unwrapped where it stands in user.user', () => {
    expect(read({ payload: { user: { user: { id: 'a', roles: ['x'] } } } }).user).toEqual({ id: 'a', roles: ['x'] });
  });
  it('stands elsewhere where payload.user holds the tokens alone', () => {
    const payload = { user: { access_token: 'a' } };
    expect(read({ payload, requestMeta: { user: { id: 'c' } } }).user).toEqual({ id: 'c' });
  });
});

describe('the claims of the access token', () => {
  it('are decoded where it is a JWT, without a check', () => {
    expect(read({ payload: { access_token: jwt({ sub: '1', email: 'a@b.c' }) } }).access).toEqual({
      sub: '1',
      email: 'a@b.c',
    });
  });
  it.each(['opaque', 'a.b.c', jwt([]), `${jwt({})}.more`])('are none for %s', (access_token) => {
    expect(read({ payload: { access_token } }).access).toBeNull();
  });
  it('are those of the token that came where the provider resolved or validated it, and of no other', () => {
    const auth = { access_token: jwt({ sub: '1' }) };
    expect(read({ action: 'resolve', auth }).access).toEqual({ sub: '1' });
    expect(read({ action: 'validate', auth }).access).toEqual({ sub: '1' });
    expect(read({ action: 'register', auth }).access).toBeNull();
  });
});

describe('what else is in an answer', () => {
  it('keeps the spelling of numbers for the client', () => {
    const payload = '{"id":9007199254740993,"price":1.10}';
    const reply = { kind: 'good' as const, isEvent: true, payload, requestMeta: '{}' };
    expect(providerAnswer(reply, { action: 'custom', auth: new Map() }).payloadText).toBe(payload);
  });
  it('holds no credentials', () => {
    const auth = { password: 'hunter2', access_token: 'a' };
    expect(read({ auth, requestMeta: { auth, custom: 1 } }).requestMeta).toEqual({ custom: 1 });
  });
});

describe('an answer over plain HTTP', () => {
  it('is the request metadata alone, from which the tokens and the user come', () => {
    const { tokens, user, payload } = plain({
      id: 'r1',
      channel: 'auth',
      origin: {},
      auth: { username: 'joe', access_token: 'a' },
      user: { id: 'joe' },
      stage: 'otp',
    });
    expect([tokens!.accessToken, user]).toEqual(['a', { id: 'joe' }]);
    expect(payload).toEqual({ user: { id: 'joe' }, stage: 'otp' });
  });
  it('may be a payload alone', () => {
    const { tokens, user, payload } = plain({ id: 'u1', token: { access_token: 'a' }, user: { id: 'joe' } });
    expect([tokens!.accessToken, user, payload.id]).toEqual(['a', { id: 'joe' }, 'u1']);
  });
});
