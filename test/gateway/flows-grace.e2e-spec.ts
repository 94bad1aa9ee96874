import { describe, expect, it } from '@jest/globals';
import { post } from '../support/call.js';
import {
  bearer,
  claimsOf,
  cookiesOf,
  worldOfTests,
  resigned,
  said,
  secondsAgo,
  WAYS,
} from '../support/identity-world.js';

const world = worldOfTests({
  variants: {
    main: { channel: { anonymousToken: true } },
    strict: { token: () => ({ gracePeriod: null }) },
    lenient: { token: () => ({ canIgnore: true }) },
  },
});

describe.each(WAYS)('an expired token within its grace, over %s', (way) => {
  const at = `main_${way}`;
  const expired = async (channel = at, seconds = 50) => {
    const { token, refreshToken } = await world.tokens(channel);
    world.calls.length = 0;
    return { token: await resigned(token, { exp: secondsAgo(seconds) }), refreshToken };
  };
  const REFRESH = 'Rierino-Auth.refresh_token';

  it('is served with a refresh token in a header, and new tokens come in headers', async () => {
    const { token, refreshToken } = await expired();
    const answer = await world.get(`${at}/admins`, { ...bearer(token), [REFRESH]: refreshToken });
    const { 'rierino-auth.user_token': next, 'rierino-auth.refresh_token': nextRefresh } = answer.headers;
    expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined]);
    expect(claimsOf(String(next))).toMatchObject({ user_id: 'ada' });
    expect(world.backend.lastEvent().requestMeta.origin).toMatchObject({ id: 'ada' });
    expect((await world.get(`${at}/admins`, bearer(String(next)))).status).toBe(200);
    expect((await world.flow(`refresh/${at}`, { body: { refresh_token: nextRefresh } })).status).toBe(200);
  });
  it('is served with cookies, and new tokens come in cookies', async () => {
    const { token, refreshToken } = await expired();
    const cookie = `Rierino-Auth.user_token=${token}; ${REFRESH}=${refreshToken}`;
    const answer = await world.get(`${at}/admins`, { cookie });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('rierino-auth.user_token');
    expect(Object.keys(cookiesOf(answer))).toEqual(['Rierino-Auth.user_token', REFRESH]);
    expect(cookiesOf(answer)['Rierino-Auth.user_token']).toMatch(
      /^[\w.-]+; Max-Age=660; Path=\/api; SameSite=Lax; HttpOnly; Secure$/,
    );
  });
  it('is served with both in the body of a full call, and new tokens come in headers', async () => {
    const { token, refreshToken } = await expired();
    const body = JSON.stringify({ auth: { user_token: token, refresh_token: refreshToken }, payload: { a: 1 } });
    const answer = await post(world.gateway.port, `/api/request/full/${at}/admins`, body);
    expect([answer.status, answer.headers]).toMatchObject([200, { 'rierino-auth.user_token': expect.any(String) }]);
    expect(world.backend.lastEvent()).toMatchObject({ payload: { parameters: { a: 1 } } });
    expect(JSON.stringify(world.backend.lastEvent())).not.toContain(refreshToken);
  });
  it('of several calls at once is refreshed once', async () => {
    const { token, refreshToken } = await expired();
    const headers = { ...bearer(token), [REFRESH]: refreshToken };
    const answers = await Promise.all([1, 2, 3, 4].map(() => world.get(`${at}/admins`, headers)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ headers: each }) => each['rierino-auth.user_token'])).size).toBe(1);
    expect(world.asked('refresh')).toHaveLength(1);
  });
  it('is `expired token` without a refresh token', async () => {
    const { token } = await expired();
    expect(said(await world.get(`${at}/admins`, bearer(token)))).toEqual([401, 'expired token']);
    expect(said(await world.get(`${at}/open`, bearer(token)))).toEqual([401, 'expired token']);
  });
  it('is `expired token` with one that is none', async () => {
    const { token } = await expired();
    const answer = await world.get(`${at}/admins`, { ...bearer(token), [REFRESH]: 'abc' });
    expect(said(answer)).toEqual([401, 'expired token']);
    expect(answer.headers).not.toHaveProperty('rierino-auth.user_token');
  });
  it.each([
    ['past it', 'main', 100],
    ['where there is none', 'strict', 40],
  ])('counts no more %s', async (_, name, seconds) => {
    const channel = `${name}_${way}`;
    const { token, refreshToken } = await expired(channel, seconds);
    const answer = await world.get(`${channel}/admins`, { ...bearer(token), [REFRESH]: refreshToken });
    expect(said(answer)).toEqual([401, 'expired token']);
    expect(world.asked('refresh')).toEqual([]);
  });
  it('of a kind that may be ignored is refreshed all the same, and else as if there were none', async () => {
    const channel = `lenient_${way}`;
    const { token, refreshToken } = await expired(channel);
    expect((await world.get(`${channel}/open`, bearer(token))).status).toBe(200);
    expect(said(await world.get(`${channel}/admins`, bearer(token)))).toEqual([401, 'missing token']);
    const headers = { ...bearer(token), [REFRESH]: refreshToken };
    expect((await world.get(`${channel}/admins`, headers)).status).toBe(200);
  });
  it('still has to have the role', async () => {
    const { token, refreshToken } = await world.tokens(at, 'bob');
    const headers = { ...bearer(await resigned(token, { exp: secondsAgo(50) })), [REFRESH]: refreshToken };
    expect(said(await world.get(`${at}/admins`, headers))).toEqual([403, 'no role for this path']);
  });
  it('is not refreshed after a logout', async () => {
    const { token, refreshToken } = await world.tokens(at);
    await world.flow(`logout/${at}`, { headers: bearer(token) });
    const headers = { ...bearer(await resigned(token, { exp: secondsAgo(50) })), [REFRESH]: refreshToken };
    expect((await world.get(`${at}/admins`, headers)).status).toBe(401);
  });
  it('is told to wait where the server is away, and refreshed afterwards', async () => {
    const { token, refreshToken } = await expired();
    const headers = { ...bearer(token), [REFRESH]: refreshToken };
    world.server.setFault('refresh', { answer: 'reset' });
    expect((await world.get(`${at}/admins`, headers)).status).toBe(502);
    world.server.setFault('refresh', null);
    expect((await world.get(`${at}/admins`, headers)).status).toBe(200);
  });
});
