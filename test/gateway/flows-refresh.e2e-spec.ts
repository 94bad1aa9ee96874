import { beforeEach, describe, expect, it } from '@jest/globals';
import { sendJson } from '../support/backend.js';
import type { CallAnswer } from '../support/call.js';
import {
  authOf,
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
    other: { channel: { anonymousToken: true } },
    bare: { token: (way) => ({ provider: providerOver(`scripted_${way}`), longExpiration: null }) },
    long: { token: (way) => ({ provider: providerOver(`scripted_${way}`), longExpiration: 1_000_000 }) },
    reissued: { token: () => ({ verifiable: false }) },
    daily: { token: () => ({ verifiable: false, longExpiration: null }) },
    final: { token: (way) => ({ provider: providerOver(`auth_${way}`, {}, { refresh: null }) }) },
  },
});

const refreshBody = (at: string, refreshToken: string): Promise<CallAnswer> =>
  world.flow(`refresh/${at}`, { body: { refresh_token: refreshToken } });
const refreshBearer = (at: string, token: string): Promise<CallAnswer> =>
  world.flow(`refresh/${at}`, { headers: bearer(token) });

describe.each(WAYS)('a refresh token over %s', (way) => {
  const at = `main_${way}`;

  it.each([
    ['a header', (token: string) => ({ headers: { 'Rierino-Auth.refresh_token': token } })],
    ['Authorization', (token: string) => ({ headers: { authorization: `refresh_token ${token}` } })],
    ['the body', (token: string) => ({ body: { refresh_token: token } })],
  ])('gives new tokens, by %s', async (_, given) => {
    const old = await world.tokens(at);
    const answer = await world.flow(`refresh/${at}`, given(old.refreshToken));
    expect(answer.json()).toMatchObject({ expires_in: 600, user: { id: 'ada' } });
    const next = tokensOf(answer);
    expect(next).toEqual({ token: expect.any(String), refreshToken: expect.any(String) });
    expect([next.token, next.refreshToken]).not.toEqual(expect.arrayContaining([old.token, old.refreshToken]));
    expect(world.asked('refresh').map(authOf)).toEqual([{ refresh_token: old.refreshToken }]);
    expect((await world.get(`${at}/admins`, bearer(next.token))).status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
  it('by a cookie gives cookies, and no token in the body', async () => {
    const { refreshToken } = await world.tokens(at);
    const headers = { cookie: `Rierino-Auth.refresh_token=${refreshToken}` };
    const answer = await world.flow(`refresh/${at}`, { headers });
    const cookies = cookiesOf(answer);
    expect(Object.keys(cookies)).toEqual(['Rierino-Auth.user_token', 'Rierino-Auth.refresh_token']);
    expect(answer.text).not.toMatch(/refresh_token|access_token|user_token/);
    const next = cookies['Rierino-Auth.refresh_token']!.split(';', 1)[0]!;
    expect((await refreshBody(at, next)).status).toBe(200);
  });
  it('keeps the session and the time of the login', async () => {
    const old = await world.tokens(at);
    const { session, auth_time } = claimsOf(old.token);
    const next = tokensOf(await refreshBody(at, old.refreshToken));
    expect(claimsOf(next.token)).toMatchObject({ session, auth_time });
  });
  it('goes to the client as the server gave it', async () => {
    const { refreshToken } = tokensOf(await refreshBody(at, (await world.tokens(at)).refreshToken));
    expect(refreshToken).toMatch(/^[\da-f-]{36}\.[\w-]+$/);
  });
  it('that came before gives the very same answer again', async () => {
    const { refreshToken } = await world.tokens(at);
    const answers = [await refreshBody(at, refreshToken), await refreshBody(at, refreshToken)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[1]!.json()).toEqual(answers[0]!.json());
    expect(world.asked('refresh')).toHaveLength(1);
  });
  it('that comes twice at once gives both the one new pair', async () => {
    const { refreshToken } = await world.tokens(at);
    world.server.setFault('refresh', { latencyMs: 100 });
    const answers = await Promise.all([1, 2, 3].map(() => refreshBody(at, refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(world.asked('refresh')).toHaveLength(1);
    expect((await refreshBody(at, tokensOf(answers[0]!).refreshToken)).status).toBe(200);
  });
  it('of another kind of token is refused, and counts on where it belongs', async () => {
    const { refreshToken } = await world.tokens(at);
    expect(said(await refreshBody(`other_${way}`, refreshToken))).toEqual([401, 'invalid token']);
    expect((await refreshBody(at, refreshToken)).status).toBe(200);
  });
  it('that nobody knows is refused', async () => {
    for (const token of ['abc', 'sluice-abc'])
      expect(said(await refreshBody(at, token))).toEqual([401, 'invalid token']);
    expect(world.asked('refresh').map(authOf)).toEqual([{ refresh_token: 'abc' }]);
  });
  it('is used up only where the server could be asked', async () => {
    const { refreshToken } = await world.tokens(at);
    world.server.setFault('refresh', { answer: 'error' });
    expect((await refreshBody(at, refreshToken)).status).toBe(502);
    world.server.setFault('refresh', null);
    expect((await refreshBody(at, refreshToken)).status).toBe(200);
  });
  it('is 501 where the provider has no URL for it', async () => {
    const answer = await refreshBody(`final_${way}`, (await world.tokens(`final_${way}`)).refreshToken);
    expect([answer.status, answer.json()]).toMatchObject([501, { error: { code: 17006 } }]);
  });
});

describe.each(WAYS)('a provider without refresh tokens over %s', (way) => {
  const at = `bare_${way}`;
  const token = { access_token: 'opaque' };
  const login = () => world.flow(`login/${at}`, { body: { username: 'x', password: 'y' } });
  beforeEach(() => {
    const user = { id: 'zoe', roles: ['clerk'] };
    world.scripted.handler = (_, response) => sendJson(response, JSON.stringify({ payload: { token, user } }));
  });

  it('leaves it to the gateway, which asks it no more', async () => {
    const old = tokensOf(await login());
    world.scripted.seen.length = 0;
    const answer = await refreshBody(at, old.refreshToken);
    const next = tokensOf(answer);
    expect(next.refreshToken).not.toBe(old.refreshToken);
    expect(claimsOf(next.token)).toMatchObject({ user_id: 'zoe', roles: ['clerk'] });
    expect((await refreshBody(at, old.refreshToken)).json()).toEqual(answer.json());
    expect(world.scripted.seen).toEqual([]);
  });
  it('that never rotates has its own go on', async () => {
    const kept = { ...token, refresh_token: `kept-${way}` };
    const answerWith = (roles: string[]) =>
      void (world.scripted.handler = (_, response) =>
        sendJson(response, JSON.stringify({ payload: { token: kept, user: { id: 'zoe', roles } } })));
    answerWith(['clerk']);
    await login();
    answerWith(['admin']);
    for (const _ of [1, 2]) {
      const next = tokensOf(await refreshBody(at, kept.refresh_token));
      expect([next.refreshToken, claimsOf(next.token).roles]).toEqual([kept.refresh_token, ['admin']]);
    }
  });
});

describe.each(WAYS)('remember=true over %s', (way) => {
  const of = async (provider: object, query: string) => {
    world.scripted.handler = (_, response) =>
      sendJson(response, JSON.stringify({ payload: { token: provider, user: { id: 'zoe' } } }));
    const answer = await world.flow(`login/long_${way}?cookie=true${query}`, {
      body: { username: 'x', password: 'y' },
    });
    return /Max-Age=(\d+)/.exec(cookiesOf(answer)['Rierino-Auth.refresh_token']!)![1];
  };
  const token = { access_token: 'opaque' };

  it('makes a refresh token last for longExpiration, else it does for 24 h', async () => {
    expect([await of(token, '&remember=true'), await of(token, '')]).toEqual(['1000000', '86400']);
  });
  it('does so where the server does not say how long its own lasts', async () => {
    const given = (name: string) => ({ ...token, refresh_token: `${name}-${way}` });
    expect([await of(given('a'), '&remember=true'), await of(given('b'), '')]).toEqual(['1000000', '86400']);
    const said = { ...given('c'), refresh_expires_in: 77 };
    expect(await of(said, '&remember=true')).toBe('77');
  });
  it('may stand in the body', async () => {
    world.scripted.handler = (_, response) =>
      sendJson(response, JSON.stringify({ payload: { token, user: { id: 'zoe' } } }));
    const body = { username: 'x', password: 'y', remember: true };
    const answer = await world.flow(`login/long_${way}?cookie=true`, { body });
    expect(cookiesOf(answer)['Rierino-Auth.refresh_token']).toContain('Max-Age=1000000;');
  });
});

describe.each(WAYS)('a gateway token alone over %s', (way) => {
  it('is refreshed by what it carries', async () => {
    const old = await world.tokens(`main_${way}`);
    const answer = await refreshBearer(`main_${way}`, old.token);
    expect(world.asked('refresh').map(authOf)).toEqual([{ refresh_token: old.refreshToken }]);
    expect(claimsOf(tokensOf(answer).token).user_id).toBe('ada');
    expect((await refreshBearer(`main_${way}`, old.token)).json()).toEqual(answer.json());
  });
  it('has new ones issued from its claims where it carries nothing', async () => {
    const { token } = await world.tokens(`reissued_${way}`);
    world.calls.length = 0;
    const answer = await refreshBearer(`reissued_${way}`, token);
    const { user_id, roles, email, session, auth_time } = claimsOf(token);
    expect(claimsOf(tokensOf(answer).token)).toMatchObject({ user_id, roles, email, session, auth_time });
    expect(tokensOf(answer).token).not.toBe(token);
    expect(world.calls).toEqual([]);
    expect((await world.get(`reissued_${way}/admins`, bearer(tokensOf(answer).token))).status).toBe(200);
  });
  it.each([
    ['longExpiration', 'reissued', 6000],
    ['24 h', 'daily', 86_400],
  ])('may be so for %s after the login', async (_, name, seconds) => {
    const at = `${name}_${way}`;
    const { token } = await world.tokens(at);
    const of = (age: number) => resigned(token, { auth_time: secondsAgo(age) });
    expect((await refreshBearer(at, await of(seconds - 60))).status).toBe(200);
    expect(said(await refreshBearer(at, await of(seconds + 1)))).toEqual([401, 'invalid token']);
  });
  it.each(['main', 'reissued'])('counts within its grace (%s)', async (name) => {
    const at = `${name}_${way}`;
    const { token } = await world.tokens(at);
    const answer = await refreshBearer(at, await resigned(token, { exp: secondsAgo(50) }));
    expect([answer.status, claimsOf(tokensOf(answer).token).user_id]).toEqual([200, 'ada']);
    const late = await resigned(token, { exp: secondsAgo(100) });
    expect(said(await refreshBearer(at, late))).toEqual([401, 'expired token']);
  });
  it('of a guest is none of a user', async () => {
    const guest = String((await world.get(`other_${way}/open`)).headers['rierino-auth.guest_token']);
    expect(said(await refreshBearer(`other_${way}`, guest))).toEqual([401, 'invalid token']);
  });
  it('is refused where it is none, and missed where there is none', async () => {
    const { token } = await world.tokens(`main_${way}`);
    expect(said(await refreshBearer(`main_${way}`, `${token}x`))).toEqual([401, 'invalid token']);
    expect(said(await world.flow(`refresh/main_${way}`))).toEqual([401, 'missing token']);
  });
});
