import { describe, expect, it } from '@jest/globals';
import {
  authOf,
  basic,
  bearer,
  claimsOf,
  cookiesOf,
  worldOfTests,
  providerOver,
  resigned,
  said,
  secondsAgo,
  tokensOf,
  WAYS,
} from '../support/identity-world.js';

const world = worldOfTests({
  variants: {
    main: {},
    reissued: { token: () => ({ verifiable: false }) },
    homeless: { token: (way) => ({ provider: providerOver(`auth_${way}`, {}, { logout: null, delete: null }) }) },
  },
});

const INVALID = [401, 'invalid token'];
const sentParameters = (body: string): unknown =>
  (JSON.parse(body) as { payload: { parameters: unknown } }).payload.parameters;

describe.each(WAYS)('a logout over %s', (way) => {
  const at = `main_${way}`;
  const logout = (token: string, query = '') => world.flow(`logout/${at}${query}`, { headers: bearer(token) });

  it('refuses the token and the refresh token from then on', async () => {
    const { token, refreshToken } = await world.tokens(at);
    expect((await world.get(`${at}/admins`, bearer(token))).status).toBe(200);
    const answer = await logout(token);
    expect([answer.status, answer.json(), answer.headers['set-cookie']]).toEqual([200, {}, undefined]);
    expect(said(await world.get(`${at}/admins`, bearer(token)))).toEqual(INVALID);
    expect(said(await world.get(`${at}/open`, bearer(token)))).toEqual(INVALID);
    expect(said(await world.flow(`refresh/${at}`, { body: { refresh_token: refreshToken } }))).toEqual(INVALID);
    expect(said(await world.flow(`refresh/${at}`, { headers: bearer(token) }))).toEqual(INVALID);
    expect(said(await logout(token))).toEqual(INVALID);
  });
  it('ends the login whose tokens were refreshed meanwhile', async () => {
    const old = await world.tokens(at);
    const next = tokensOf(await world.flow(`refresh/${at}`, { body: { refresh_token: old.refreshToken } }));
    expect((await logout(old.token)).status).toBe(200);
    const again = await world.flow(`refresh/${at}`, { body: { refresh_token: next.refreshToken } });
    expect(said(again)).toEqual(INVALID);
  });
  it('leaves other logins of the user alone', async () => {
    const [one, other] = [await world.tokens(at), await world.tokens(at)];
    await logout(one.token);
    expect((await world.get(`${at}/admins`, bearer(other.token))).status).toBe(200);
    const refreshed = await world.flow(`refresh/${at}`, { body: { refresh_token: other.refreshToken } });
    expect(refreshed.status).toBe(200);
  });
  it('ends the session at the server', async () => {
    const { token } = await world.tokens(at);
    await world.get(`${at}/open`, bearer(token));
    const sessionId = world.backend.lastEvent().requestMeta.sessionId as string;
    await logout(token);
    const [asked, ...more] = world.calls.filter(({ path }) => path.startsWith('/session/user/expire'));
    expect(more).toEqual([]);
    if (way === 'rpc') expect(sentParameters(asked!.body)).toEqual({ originKey: 'user-ada', sessionId });
    else expect(asked).toMatchObject({ path: `/session/user/expire/user-ada/${sessionId}`, body: '' });
    await world.get(`${at}/open`, bearer((await world.tokens(at)).token));
    expect(world.backend.lastEvent().requestMeta.sessionId).not.toBe(sessionId);
  });
  it('ends the session that there is, where that of the login has ended long ago', async () => {
    const { token } = await world.tokens(at, 'bob');
    const { session } = claimsOf(token);
    await logout(await resigned(token, { session: 'long-ago' }));
    await world.get(`${at}/open`, bearer((await world.tokens(at, 'bob')).token));
    const next = world.backend.lastEvent().requestMeta.sessionId;
    expect([next, next === session]).toEqual([expect.any(String), false]);
  });
  it('ends here while the session server is away', async () => {
    const { token } = await world.tokens(at);
    world.server.setFault('expire', { answer: 'reset' });
    expect((await logout(token)).status).toBe(200);
    world.server.setFault('expire', null);
    expect(said(await world.get(`${at}/admins`, bearer(token)))).toEqual(INVALID);
  });
  it('does not ask the provider', async () => {
    await logout((await world.tokens(at)).token);
    expect(world.asked('logout')).toEqual([]);
  });
  it('with thru logs out there too, by the tokens that it carries', async () => {
    const { token, refreshToken } = await world.tokens(at);
    const answer = await logout(token, '?thru=true');
    expect([answer.status, answer.json()]).toEqual([200, { loggedOut: true }]);
    expect(world.asked('logout').map(authOf)).toEqual([
      { access_token: expect.any(String), refresh_token: refreshToken },
    ]);
  });
  it('with thru ends here whatever the provider says, and tells that it failed', async () => {
    const { token, refreshToken } = await world.tokens(at);
    world.server.setFault('logout', { answer: 'error' });
    expect((await logout(token, '?thru=true')).status).toBe(502);
    expect(said(await world.get(`${at}/admins`, bearer(token)))).toEqual(INVALID);
    expect(said(await world.flow(`refresh/${at}`, { body: { refresh_token: refreshToken } }))).toEqual(INVALID);
  });
  it('with thru of who is logged out there already is well', async () => {
    const { token, refreshToken } = await world.tokens(at);
    const headers = { ...bearer(token), 'Rierino-Auth.refresh_token': `${refreshToken}x` };
    expect((await world.flow(`logout/${at}?thru=true`, { headers })).status).toBe(200);
    expect(said(await world.get(`${at}/admins`, bearer(token)))).toEqual(INVALID);
  });
  it('takes a refresh token alone, or beside an expired token', async () => {
    const [one, other] = [await world.tokens(at), await world.tokens(at)];
    expect((await world.flow(`logout/${at}`, { body: { refresh_token: one.refreshToken } })).status).toBe(200);
    const headers = { ...bearer(await resigned(other.token, { exp: secondsAgo(5000) })) };
    const body = { refresh_token: other.refreshToken };
    expect((await world.flow(`logout/${at}`, { headers, body })).status).toBe(200);
    for (const { refreshToken } of [one, other])
      expect(said(await world.flow(`refresh/${at}`, { body: { refresh_token: refreshToken } }))).toEqual(INVALID);
  });
  it('expires the cookies with cookie=true, on the paths that they have', async () => {
    const answer = await logout((await world.tokens(at)).token, '?cookie=true');
    expect(cookiesOf(answer)).toEqual({
      'Rierino-Auth.user_token': '; Max-Age=0; Path=/api; SameSite=Lax; HttpOnly; Secure',
      'Rierino-Auth.refresh_token': '; Max-Age=0; Path=/api/auth/refresh; SameSite=Lax; HttpOnly; Secure',
    });
  });
  it('needs somebody', async () => {
    expect(said(await world.flow(`logout/${at}`))).toEqual([401, 'missing token']);
    expect(said(await logout('abc'))).toEqual(INVALID);
    const { token } = await world.tokens(at);
    expect(said(await logout(await resigned(token, { exp: secondsAgo(50) })))).toEqual([401, 'expired token']);
  });
  it('is 501 with thru where the provider has no URL for it, and ends here', async () => {
    const { token } = await world.tokens(`homeless_${way}`);
    const answer = await world.flow(`logout/homeless_${way}?thru=true`, { headers: bearer(token) });
    expect([answer.status, answer.json()]).toMatchObject([501, { error: { code: 17006 } }]);
    expect(said(await world.get(`homeless_${way}/admins`, bearer(token)))).toEqual(INVALID);
  });
  it('of a token that carries nothing ends its login', async () => {
    const { token, refreshToken } = await world.tokens(`reissued_${way}`);
    await world.flow(`logout/reissued_${way}`, { headers: bearer(token) });
    const again = await world.flow(`refresh/reissued_${way}`, { body: { refresh_token: refreshToken } });
    expect(said(again)).toEqual(INVALID);
  });
});

describe.each(WAYS)('a deletion over %s', (way) => {
  const at = `main_${way}`;
  const someone = async () => {
    const username = `gone-${way}-${Math.random()}`;
    const body = { username, password: 'long enough' };
    return { username, ...tokensOf(await world.flow(`register/${at}?thru=true`, { body })) };
  };

  it('with thru deletes the user at the server, and ends token and login', async () => {
    const { username, token, refreshToken } = await someone();
    const answer = await world.flow(`delete/${at}?thru=true&cookie=true`, { headers: bearer(token) });
    expect([answer.status, answer.json()]).toEqual([200, { deleted: expect.any(String) }]);
    expect(Object.values(cookiesOf(answer))).toEqual([expect.stringMatching(/^; Max-Age=0/), expect.anything()]);
    expect(said(await world.get(`${at}/any`, bearer(token)))).toEqual(INVALID);
    expect(said(await world.flow(`refresh/${at}`, { body: { refresh_token: refreshToken } }))).toEqual(INVALID);
    const login = await world.flow(`login/${at}`, { headers: basic(username, 'long enough') });
    expect(said(login)).toEqual([401, 'wrong credentials']);
    expect(world.asked('expire')).toHaveLength(1);
  });
  it('that the server does not do ends nothing', async () => {
    const { token } = await someone();
    world.server.setFault('delete', { answer: 'error' });
    expect((await world.flow(`delete/${at}?thru=true`, { headers: bearer(token) })).status).toBe(502);
    expect((await world.get(`${at}/any`, bearer(token))).status).toBe(200);
  });
  it('without thru is the execution channel’s, which may refuse', async () => {
    const { token, username } = await someone();
    world.saga = () => ({ result: { error: { code: 409, message: 'has open orders' } } });
    expect(said(await world.flow(`delete/${at}`, { headers: bearer(token) }))).toEqual([409, 'has open orders']);
    expect((await world.get(`${at}/any`, bearer(token))).status).toBe(200);
    world.saga = () => ({ payload: { orders: 0 } });
    expect((await world.flow(`delete/${at}`, { headers: bearer(token) })).json()).toEqual({ orders: 0 });
    expect(said(await world.get(`${at}/any`, bearer(token)))).toEqual(INVALID);
    expect(world.asked('delete')).toEqual([]);
    expect((await world.flow(`login/${at}`, { headers: basic(username, 'long enough') })).status).toBe(200);
  });
  it('needs a token that is in force', async () => {
    const { token, refreshToken } = await someone();
    expect(said(await world.flow(`delete/${at}?thru=true`))).toEqual([401, 'missing token']);
    const body = { refresh_token: refreshToken };
    expect(said(await world.flow(`delete/${at}`, { body }))).toEqual([401, 'missing token']);
    const headers = bearer(await resigned(token, { exp: secondsAgo(50) }));
    expect((await world.flow(`delete/${at}`, { headers, body })).status).toBe(401);
  });
});
