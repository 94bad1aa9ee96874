import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askEvent } from '../ask.js';
import { IdentityServer } from '../identity-server.js';

let server: IdentityServer;
let now: number;
beforeEach(async () => {
  now = 1_700_000_000_000;
  server = await IdentityServer.start({ now: () => now });
});
afterEach(() => server.close());

const login = (auth: object, parameters: object = {}, type = 'user') =>
  askEvent(server.baseUrl, `/auth/${type}/login`, { auth, parameters } as never);
const claimsOf = (token: unknown): unknown =>
  JSON.parse(Buffer.from(String(token).split('.')[1]!, 'base64url').toString());

describe('login with username and password', () => {
  it('answers tokens, their lives and the user', async () => {
    const { payload, error } = await login({ username: 'ada', password: 'lovelace' });
    expect(error).toBeUndefined();
    expect(payload).toEqual({
      token: {
        access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        refresh_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 600,
        refresh_expires_in: 6000,
      },
      user: {
        id: 'ada',
        username: 'ada',
        email: 'ada@example.com',
        roles: ['admin', 'clerk'],
        profile: { name: 'Ada Lovelace', email: 'ada@example.com' },
      },
    });
  });

  it('gives claims in the access token that a gateway may copy', async () => {
    const { payload } = await login({ username: 'bob', password: 'builder' });
    const iat = now / 1000;
    expect(claimsOf((payload['token'] as never)['access_token'])).toEqual({
      iss: 'identity-over-rpc',
      sub: 'bob',
      type: 'user',
      sid: expect.any(String),
      email: 'bob@example.com',
      roles: ['clerk'],
      iat,
      exp: iat + 600,
    });
  });

  it('takes them from the body too, and the name in any case', async () => {
    const { payload } = await login({}, { username: 'ADA', password: 'lovelace' });
    expect(payload['user']).toMatchObject({ id: 'ada' });
  });

  it('prefers what the gateway found over the body', async () => {
    const { error } = await login({ username: 'ada', password: 'wrong' }, { username: 'ada', password: 'lovelace' });
    expect(error).toMatchObject({ code: 10125 });
  });

  it.each([
    ['a wrong password', { username: 'ada', password: 'Lovelace' }, 'user'],
    ['an unknown user', { username: 'eve', password: 'lovelace' }, 'user'],
    ['a user of another type', { username: 'ada', password: 'lovelace' }, 'guest'],
  ])('refuses %s, with one and the same answer', async (_title, auth, type) => {
    const { status, payload, error } = await login(auth, {}, type);
    expect([status, payload]).toEqual([200, {}]);
    expect(error).toEqual({ code: 10125, message: 'wrong credentials', http: 401 });
  });

  it('says what is missing', async () => {
    expect((await login({ username: 'ada' })).error).toEqual({ code: 10123, message: 'missing password', http: 401 });
    expect((await login({ password: 'x' })).error).toMatchObject({ code: 10123, message: 'missing username' });
  });

  it('is not found for a type that the server does not have', async () => {
    expect((await login({ username: 'ada', password: 'lovelace' }, {}, 'robot')).error).toMatchObject({ code: 3 });
  });
});

describe('login of a user with a one-time code', () => {
  const begin = async () => {
    const { payload } = await login({ username: 'grace', password: 'hopper' });
    return payload;
  };
  const finish = (transactionId: unknown, otp: unknown) => login({ stage: 'otp', transactionId, otp });

  it('asks for the code and gives no tokens', async () => {
    expect(await begin()).toEqual({ stage: 'otp', transactionId: expect.any(String) });
    expect((await login({ username: 'grace', password: 'wrong' })).error).toMatchObject({ code: 10125 });
  });

  it('ends with the code, as text or number', async () => {
    for (const otp of ['246810', 246810]) {
      const { payload } = await finish((await begin())['transactionId'], otp);
      expect(payload).toMatchObject({ token: { access_token: expect.any(String) }, user: { id: 'grace' } });
    }
  });

  it('counts once', async () => {
    const { transactionId } = await begin();
    await finish(transactionId, '246810');
    expect((await finish(transactionId, '246810')).error).toMatchObject({ code: 10125 });
  });

  it('bears two wrong codes, not three', async () => {
    const patient = (await begin())['transactionId'];
    for (const code of ['1', '2']) expect((await finish(patient, code)).error).toMatchObject({ code: 10125 });
    expect((await finish(patient, '246810')).error).toBeUndefined();
    const spent = (await begin())['transactionId'];
    for (const code of ['1', '2', '3']) await finish(spent, code);
    expect((await finish(spent, '246810')).error).toMatchObject({ code: 10125 });
  });

  it('ends after five minutes', async () => {
    const { transactionId } = await begin();
    now += 5 * 60_000;
    expect((await finish(transactionId, '246810')).error).toMatchObject({ code: 10125 });
  });

  it('may ask for the code once more', async () => {
    const { transactionId } = await begin();
    const { payload } = await login({ stage: 'otp-repeat', transactionId });
    expect(payload).toEqual({ stage: 'otp', transactionId });
    expect((await login({ stage: 'otp-repeat', transactionId: 'x' })).error).toMatchObject({ code: 10125 });
  });
});
