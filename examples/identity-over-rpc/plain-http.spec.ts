import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Json } from '../runner-kit/index.js';
import { askPlain } from './ask.js';
import { IdentityServer } from './identity-server.js';

let server: IdentityServer;
beforeEach(async () => {
  server = await IdentityServer.start();
});
afterEach(() => server.close());

const ask = (path: string, body?: Json) => askPlain(server.baseUrl, path, body);
const login = () => ask('/auth/user/login', { id: 'r1', auth: { username: 'ada', password: 'lovelace' } });

describe('auth over plain HTTP', () => {
  it('answers the request metadata with tokens and user in it, and no credentials', async () => {
    const { status, body } = await login();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 'r1',
      auth: { access_token: expect.any(String), refresh_token: expect.any(String), expires_in: 600 },
      user: { id: 'ada', roles: ['admin', 'clerk'] },
    });
    expect(JSON.stringify(body)).not.toContain('lovelace');
  });

  it('serves every action', async () => {
    const { access_token, refresh_token } = (await login()).body['auth'] as never;
    for (const [action, auth] of [
      ['resolve', { access_token }],
      ['validate', { access_token }],
      ['resolveKey', { api_key: 'ada-key-for-trying-out' }],
      ['refresh', { refresh_token }],
    ] as const)
      expect((await ask(`/auth/user/${action}`, { auth })).body).toMatchObject({ user: { id: 'ada' } });
    expect((await ask('/auth/user/logout', { auth: { access_token } })).body).toEqual({ loggedOut: true });
    const eve = { username: 'eve', password: 'eve-has-a-secret' };
    expect((await ask('/auth/user/register', { auth: eve })).body).toMatchObject({ user: { username: 'eve' } });
  });

  it('answers a step with its stage', async () => {
    const { body } = await ask('/auth/user/login', { auth: { username: 'grace', password: 'hopper' } });
    expect(body).toEqual({ stage: 'otp', transactionId: expect.any(String) });
  });

  it.each([
    ['/auth/user/login', { auth: { username: 'ada', password: 'x' } }, 401, 10125],
    ['/auth/user/resolve', {}, 401, 10123],
    ['/auth/user/resolve', undefined, 401, 10123],
    ['/auth/user/register', { auth: { username: 'ada', password: 'long-enough' } }, 409, 409],
    ['/auth/user/register', { auth: { username: 'eve', password: 'short' } }, 400, 400],
    ['/auth/user/unknown', {}, 404, 3],
    ['/auth/user/login', ['no metadata'], 400, 10011],
    ['/other', {}, 404, 3],
  ])('%s %j fails with HTTP %i and code %i', async (path, body, httpStatus, code) => {
    const answered = await ask(path, body);
    expect(answered).toMatchObject({ status: httpStatus, body: { error: { code, message: expect.any(String) } } });
  });
});

describe('sessions over plain HTTP', () => {
  it('take the origin itself as body of touch and stitch, and answer the session itself', async () => {
    const { body: guest } = await ask('/session/user', { type: 'guest', id: 'g1' });
    expect(guest).toEqual({ id: expect.any(String), expire: expect.any(Number) });
    const parameters = { oldId: 'g1', oldType: 'guest' };
    const { body: user } = await ask('/session/user/stitch', { type: 'user', id: 'ada', parameters });
    expect(user['id']).toBe(guest['id']);
  });

  it('take an array of origin keys as body of extendList', async () => {
    await ask('/session/user', { id: '1' });
    const { body } = await ask('/session/user/extendList', ['user-1', 'user-2']);
    expect(body).toEqual({ extended: 1, missing: ['user-2'] });
  });

  it('take no body for extend and expire, the keys stand in the path', async () => {
    const { body: session } = await ask('/session/user', { id: '1' });
    const sessionId = session['id'] as string;
    expect((await ask('/session/user/extend/user-1')).body['id']).toBe(session['id']);
    expect((await ask('/session/user/expire/user-1/other')).body).toEqual({ expired: false });
    expect((await ask(`/session/user/expire/user-1/${sessionId}`)).body).toEqual({ expired: true });
    expect(await ask('/session/user/extend/user-1')).toMatchObject({ status: 404, body: { error: { code: 11005 } } });
    await ask('/session/user', { id: '1' });
    expect((await ask('/session/user/expire/user-1')).body).toEqual({ expired: true });
  });
});
