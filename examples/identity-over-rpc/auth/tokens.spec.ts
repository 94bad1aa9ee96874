import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../runner-kit/index.js';
import { askEvent } from '../ask.js';
import { IdentityServer } from '../identity-server.js';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}
let server: IdentityServer;
let now: number;
let tokens: Tokens;
beforeEach(async () => {
  now = 1_700_000_000_000;
  server = await IdentityServer.start({ now: () => now, maxGrants: 3 });
  tokens = await logIn();
});
afterEach(() => server.close());

const ask = (action: string, auth: JsonObject, type = 'user') =>
  askEvent(server.baseUrl, `/auth/${type}/${action}`, { auth });
async function logIn(): Promise<Tokens> {
  return (await ask('login', { username: 'ada', password: 'lovelace' })).payload['token'] as never;
}
const codeOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).error?.['code'];

describe.each(['resolve', 'validate'])('%s', (action) => {
  it('answers the user of an access token', async () => {
    const { payload } = await ask(action, { access_token: tokens.access_token });
    expect(payload).toMatchObject({ user: { id: 'ada', roles: ['admin', 'clerk'] } });
  });

  it('tells missing, expired and invalid tokens apart', async () => {
    const { access_token } = tokens;
    const [header, body, signature] = access_token.split('.');
    expect(await codeOf(action, {})).toBe(10123);
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const bad = [
      'x',
      `${none}.${body}.`,
      `${header}.${body}.`,
      `${header}.${body}.${signature}=`,
      tokens.refresh_token,
    ];
    for (const forged of bad) expect(await codeOf(action, { access_token: forged })).toBe(10125);
    expect(await codeOf(action, { access_token }, 'guest')).toBe(10125);
    now += 600_000;
    expect((await ask(action, { access_token })).error).toEqual({ code: 10124, message: 'expired token', http: 401 });
  });

  it('refuses tokens of another server', async () => {
    const other = await IdentityServer.start();
    try {
      const { error } = await askEvent(other.baseUrl, `/auth/user/${action}`, { auth: { ...tokens } });
      expect(error).toMatchObject({ code: 10125 });
    } finally {
      await other.close();
    }
  });
});

describe('refresh', () => {
  it('gives new tokens, and refuses the refresh token from then on', async () => {
    const { refresh_token } = tokens;
    const { payload } = await ask('refresh', { refresh_token });
    const next = payload['token'] as unknown as Tokens;
    expect(payload['user']).toMatchObject({ id: 'ada' });
    expect(next.refresh_token).not.toBe(refresh_token);
    expect(await codeOf('refresh', { refresh_token })).toBe(10125);
    expect(await codeOf('refresh', { refresh_token: next.refresh_token })).toBeUndefined();
    expect(await codeOf('resolve', { access_token: next.access_token })).toBeUndefined();
  });

  it('works when the access token has expired, until the refresh token has', async () => {
    now += 5_999_999;
    const { payload } = await ask('refresh', { refresh_token: tokens.refresh_token });
    const { refresh_token } = payload['token'] as unknown as Tokens;
    now += 6_000_000;
    expect(await codeOf('refresh', { refresh_token })).toBe(10125);
  });

  it('refuses what is no refresh token of this type', async () => {
    expect(await codeOf('refresh', {})).toBe(10123);
    expect(await codeOf('refresh', { refresh_token: 'x' })).toBe(10125);
    expect(await codeOf('refresh', { refresh_token: tokens.access_token })).toBe(10125);
    expect(await codeOf('refresh', { refresh_token: tokens.refresh_token }, 'guest')).toBe(10125);
  });
});

describe('logout', () => {
  it.each(['access_token', 'refresh_token'] as const)('by the %s ends both, and no other login', async (name) => {
    const other = await logIn();
    expect((await ask('logout', { [name]: tokens[name] })).payload).toEqual({ loggedOut: true });
    expect(await codeOf('resolve', { access_token: tokens.access_token })).toBe(10125);
    expect(await codeOf('refresh', { refresh_token: tokens.refresh_token })).toBe(10125);
    expect(await codeOf('resolve', { access_token: other.access_token })).toBeUndefined();
  });

  it('needs a token', async () => {
    expect(await codeOf('logout', {})).toBe(10123);
    expect(await codeOf('logout', { access_token: 'x' })).toBe(10125);
  });
});

describe('the number of logins', () => {
  it('is bounded: the one that is longest without a refresh makes room', async () => {
    for (let logins = 0; logins < 3; logins++) await logIn();
    expect(await codeOf('resolve', { access_token: tokens.access_token })).toBe(10125);
  });
});

describe('resolveKey', () => {
  it('answers the user whose the API key is', async () => {
    const { payload } = await ask('resolveKey', { api_key: 'ada-key-for-trying-out' });
    expect(payload['user']).toMatchObject({ id: 'ada', roles: ['admin', 'clerk'] });
  });

  it('refuses a missing one, an unknown one, and one of another type', async () => {
    expect(await codeOf('resolveKey', {})).toBe(10123);
    expect(await codeOf('resolveKey', { api_key: 'ada-key' })).toBe(10125);
    expect(await codeOf('resolveKey', { api_key: 'ada-key-for-trying-out' }, 'guest')).toBe(10125);
  });
});
