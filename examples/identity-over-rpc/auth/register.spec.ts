import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../runner-kit/index.js';
import { askEvent } from '../ask.js';
import { IdentityServer } from '../identity-server.js';

let server: IdentityServer;
beforeEach(async () => {
  server = await IdentityServer.start({ maxUsers: 5, registeredRoles: ['member'] });
});
afterEach(() => server.close());

const ask = (action: string, auth: JsonObject, parameters: JsonObject = {}) =>
  askEvent(server.baseUrl, `/auth/user/${action}`, { auth, parameters });
const EVE = { username: 'eve', password: 'eve-has-a-secret' };
const tokenOf = ({ payload }: { payload: JsonObject }) => payload['token'] as { access_token: string };

describe('register', () => {
  it('makes a user who can log in, and logs him in', async () => {
    const registered = await ask('register', EVE, { profile: { email: 'eve@example.com', age: 30 } });
    expect(registered.payload).toMatchObject({
      token: { access_token: expect.any(String), refresh_token: expect.any(String) },
      user: { username: 'eve', email: 'eve@example.com', profile: { email: 'eve@example.com', age: 30 } },
    });
    const loggedIn = await ask('login', EVE);
    expect(loggedIn.payload['user']).toEqual(registered.payload['user']);
  });

  it('never takes roles from the client', async () => {
    const roles = ['admin'];
    const { payload } = await ask('register', { ...EVE, roles }, { roles, profile: { roles } });
    expect(payload['user']).toMatchObject({ roles: ['member'] });
  });

  it('refuses a name that is taken, however it is written', async () => {
    for (const username of ['ada', 'ADA', 'ａｄａ'])
      expect((await ask('register', { ...EVE, username })).error).toEqual({ code: 409, message: 'username is taken' });
  });

  it.each([
    ['a short password', { ...EVE, password: '1234567' }],
    ['an overlong password', { ...EVE, password: 'x'.repeat(513) }],
    ['no password', { username: 'eve' }],
    ['no name', { password: EVE.password }],
    ['a name with white space around it', { ...EVE, username: ' eve' }],
    ['a name with control characters', { ...EVE, username: 'e\u200bve' }],
    ['an overlong profile', { ...EVE, profile: { text: 'x'.repeat(20_000) } }],
  ])('refuses %s with 400', async (_title, auth) => {
    expect((await ask('register', auth)).error).toMatchObject({ code: 400 });
    expect((await ask('login', EVE)).error).toMatchObject({ code: 10125 });
  });

  it('refuses with 503 when no user has room', async () => {
    for (const username of ['a', 'b']) expect((await ask('register', { ...EVE, username })).error).toBeUndefined();
    expect((await ask('register', EVE)).error).toMatchObject({ code: 503 });
  });
});

describe('delete', () => {
  it('takes the user of the access token away, and all that he is logged in by', async () => {
    const { access_token } = tokenOf(await ask('register', EVE));
    const other = tokenOf(await ask('login', EVE));
    expect((await ask('delete', { access_token })).payload).toEqual({ deleted: expect.any(String) });
    expect((await ask('login', EVE)).error).toMatchObject({ code: 10125 });
    for (const token of [access_token, other.access_token])
      expect((await ask('resolve', { access_token: token })).error).toMatchObject({ code: 10125 });
  });

  it('takes his API keys away', async () => {
    const { access_token } = tokenOf(await ask('login', { username: 'ada', password: 'lovelace' }));
    await ask('delete', { access_token });
    expect((await ask('resolveKey', { api_key: 'ada-key-for-trying-out' })).error).toMatchObject({ code: 10125 });
  });

  it('leaves old tokens of no use to who takes the name next', async () => {
    const { access_token } = tokenOf(await ask('register', EVE));
    await ask('delete', { access_token });
    await ask('register', EVE);
    expect((await ask('resolve', { access_token })).error).toMatchObject({ code: 10125 });
  });

  it('needs an access token', async () => {
    expect((await ask('delete', {}, EVE)).error).toMatchObject({ code: 10123 });
  });
});
