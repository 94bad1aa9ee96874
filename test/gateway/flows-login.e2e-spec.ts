import { describe, expect, it } from '@jest/globals';
import { askEvent } from '../../examples/identity-over-rpc/ask.js';
import { sendJson } from '../support/backend.js';
import { call, type ErrorAnswer } from '../support/call.js';
import {
  authOf,
  basic,
  bearer,
  claimsOf,
  worldOfTests,
  providerOver,
  said,
  tokensOf,
  WAYS,
} from '../support/identity-world.js';

const world = worldOfTests({
  variants: {
    main: {},
    gateway: { token: () => ({ tokenName: null }) },
    homeless: { token: () => ({ provider: null }) },
    partial: { token: (way) => ({ provider: providerOver(`auth_${way}`, { urls: { resolve: '/resolve' } }) }) },
    told: { token: (way) => ({ provider: providerOver(`scripted_${way}`, {}, { resolve: null }) }) },
    removing: {
      token: () => ({
        claims: [
          { name: 'sub', source: 'user.id', special: 'ORIGIN_ID' },
          { name: 'roles', source: 'user.roles', special: 'ROLES' },
          { name: 'mail', source: 'user.email', element: 'user.email', remove: true },
        ],
      }),
    },
  },
  channels: ({ backend }) => [
    { id: 'tokenless', executor: 'rpc', target: '/api', parameters: { 'server.baseUrl': backend.url } },
  ],
});

const ADA = { username: 'ada', password: 'lovelace' };
const inBase64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');
const accessToken = async (): Promise<string> => {
  const { payload } = await askEvent(world.server.baseUrl, '/auth/user/login', { auth: ADA });
  return String((payload.token as Record<string, unknown>).access_token);
};

/** What the provider was asked, in this order. */
const actions = (): string[] => world.calls.filter(({ path }) => path.startsWith('/auth/')).map(({ action }) => action);

describe.each(WAYS)('a login over %s', (way) => {
  it('answers the token, a refresh token, its life, and what the server said', async () => {
    const answer = await world.login(`main_${way}`);
    const { user_token: token, ...rest } = answer.json<{ user_token: string }>();
    expect(answer.status).toBe(200);
    expect(rest).toMatchObject({
      refresh_token: expect.any(String),
      expires_in: 600,
      user: { id: 'ada', username: 'ada' },
    });
    expect(claimsOf(token)).toMatchObject({
      ...{ user_id: 'ada', roles: ['admin', 'clerk'], type: 'user', email: 'ada@example.com' },
      session: expect.any(String),
    });
    expect([answer.headers['cache-control'], answer.headers['set-cookie']]).toEqual(['no-store', undefined]);
  });
  it('gives a token that serves calls, with roles', async () => {
    const { token } = await world.tokens(`main_${way}`, 'bob');
    expect((await world.get(`main_${way}/clerks`, bearer(token))).status).toBe(200);
    expect((await world.get(`main_${way}/admins`, bearer(token))).status).toBe(403);
  });
  it('needs no more than the original: Basic, then Bearer, with tokenName as it is by default', async () => {
    const login = await world.login(`gateway_${way}`);
    const { gateway_token: token } = login.json<{ gateway_token: string }>();
    expect((await world.get(`gateway_${way}/admins`, bearer(token))).status).toBe(200);
    const again = await world.flow(`refresh/gateway_${way}`, { headers: bearer(token) });
    const { gateway_token: next } = again.json<{ gateway_token: string }>();
    expect(again.status).toBe(200);
    expect(next).not.toBe(token);
    expect((await world.get(`gateway_${way}/admins`, bearer(next))).status).toBe(200);
  });
  it.each([
    ['Basic', { headers: basic('ada', 'lovelace') }],
    ['headers', { headers: { 'Rierino-Auth.username': 'ada', 'Sluice-Auth.password': 'lovelace' } }],
    ['Bearer base64', { headers: { authorization: `Bearer base64=${inBase64(ADA)}` } }],
    ['Bearer multi', { headers: { authorization: 'Bearer multi=username:ada,password:lovelace' } }],
    ['the body', { body: ADA }],
    ['cookies', { headers: { cookie: 'Rierino-Auth.username=ada; Rierino-Auth.password=lovelace' } }],
  ])('takes credentials by %s', async (_, given) => {
    expect((await world.flow(`login/main_${way}`, given)).status).toBe(200);
    expect(world.asked('login').map(authOf)).toEqual([ADA]);
  });
  it('takes the first place of each name', async () => {
    await world.flow(`login/main_${way}`, { headers: basic('ada', 'lovelace'), body: { username: 'eve', otp: '1' } });
    expect(world.asked('login').map(authOf)).toEqual([{ ...ADA, otp: '1' }]);
  });
  it('by an access token is no login at the server, but asks whose it is', async () => {
    const given = await accessToken();
    world.calls.length = 0;
    const answer = await world.flow(`login/main_${way}`, { body: { access_token: given } });
    expect([answer.status, claimsOf(tokensOf(answer).token).user_id]).toEqual([200, 'ada']);
    expect(actions()).toEqual(['resolve']);
    expect(world.asked('resolve').map(authOf)).toEqual([{ access_token: given }]);
  });
  it('by an access token goes through the server’s login with thru=true', async () => {
    const body = { access_token: await accessToken(), ...ADA };
    world.calls.length = 0;
    expect((await world.flow(`login/main_${way}?thru=true`, { body })).status).toBe(200);
    expect(actions()).toEqual(['login', 'resolve']);
  });
  it.each([
    ['a wrong password', basic('ada', 'Lovelace')],
    ['an unknown user', basic('eve', 'lovelace')],
    ['no password', { 'Rierino-Auth.username': 'ada' }],
    ['nothing at all', {}],
    ['a bad access token', { 'Rierino-Auth.access_token': 'abc' }],
  ])('is refused with one and the same answer: %s', async (_, headers) => {
    const answer = await world.flow(`login/main_${way}`, { headers });
    const { error } = answer.json<ErrorAnswer>();
    expect([answer.status, error]).toEqual([
      401,
      { code: 401, message: 'wrong credentials', requestId: expect.any(String) },
    ]);
  });
  it('takes no word of the client’s for who it is', async () => {
    const claimed = {
      user: { id: 'root', roles: ['admin'] },
      token: { access_token: 'x' },
      roles: ['admin'],
      user_id: 'root',
    };
    const answer = await world.flow(`login/main_${way}`, { headers: basic('bob', 'builder'), body: claimed });
    expect(claimsOf(tokensOf(answer).token)).toMatchObject({ user_id: 'bob', roles: ['clerk'] });
    expect(answer.text).not.toContain('root');
  });
  it('leaves out what a claim says is to be removed', async () => {
    const answer = await world.login(`removing_${way}`);
    const { user } = answer.json<{ user: object }>();
    expect([user, answer.json().user_token]).toEqual([
      expect.not.objectContaining({ email: expect.anything() }),
      expect.any(String),
    ]);
    expect(claimsOf(tokensOf(answer).token)).toMatchObject({ sub: 'ada', mail: 'ada@example.com' });
  });
});

describe.each(WAYS)('a login in steps over %s', (way) => {
  const begin = () => world.login(`main_${way}`, 'grace');

  it('asks for the next step and gives no token', async () => {
    const answer = await begin();
    expect(answer.json()).toEqual({ stage: 'otp', transactionId: expect.any(String) });
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
  });
  it('ends with the code', async () => {
    const { transactionId } = (await begin()).json();
    const answer = await world.flow(`login/main_${way}`, { body: { stage: 'otp', transactionId, otp: 246810 } });
    expect(claimsOf(tokensOf(answer).token)).toMatchObject({ user_id: 'grace' });
  });
  it('shows the step again, and refuses a wrong code', async () => {
    const { transactionId } = (await begin()).json();
    const again = await world.flow(`login/main_${way}`, { body: { stage: 'otp-repeat', transactionId } });
    expect(again.json()).toEqual({ stage: 'otp', transactionId });
    const wrong = await world.flow(`login/main_${way}`, { body: { stage: 'otp', transactionId, otp: '1' } });
    expect(said(wrong)).toEqual([401, 'wrong credentials']);
  });
  it.each([true, 'true'])('gives no token where the backend says skipToken: %j', async (skipToken) => {
    world.saga = () => ({ payload: { skipToken, skipCaptcha: true } });
    const answer = await world.login(`main_${way}`);
    expect(answer.json()).toMatchObject({ skipCaptcha: true, user: { id: 'ada' } });
    expect(answer.json()).not.toHaveProperty('skipToken');
    expect(answer.json()).not.toHaveProperty('user_token');
  });
  it.each([
    ['alone', { stage: 'wait' }],
    ['beside who it is', { stage: 'otp', user: { id: 'zoe', roles: ['admin'] } }],
  ])('gives no token where the server says a stage %s and gives none', async (_, payload) => {
    world.scripted.handler = (_request, response) => sendJson(response, JSON.stringify({ payload }));
    const answer = await world.flow(`login/told_${way}`, { body: ADA });
    expect([answer.status, answer.json()]).toEqual([200, payload]);
  });
  it('gives a token where it says skipToken: false', async () => {
    world.saga = () => ({ payload: { skipToken: false } });
    const answer = await world.login(`main_${way}`);
    expect(answer.json()).toMatchObject({ user_token: expect.any(String) });
    expect(answer.json()).not.toHaveProperty('skipToken');
  });
});

describe.each(WAYS)('a registration over %s', (way) => {
  const register = (username: string, more: object = {}, query = '?thru=true') =>
    world.flow(`register/main_${way}${query}`, { body: { username, password: 'long enough', ...more } });

  it('with thru makes the user at the server, who is logged in at once', async () => {
    const answer = await register(`new-${way}`, { roles: ['admin'], profile: { email: 'n@example.com' } });
    expect(claimsOf(tokensOf(answer).token)).toMatchObject({ user_id: expect.any(String), roles: [], type: 'user' });
    const login = await world.flow(`login/main_${way}`, { headers: basic(`new-${way}`, 'long enough') });
    expect(login.status).toBe(200);
  });
  it('says what is wrong with it in the server’s words', async () => {
    expect(said(await register('ada'))).toEqual([409, 'username is taken']);
    expect(said(await register('x', { password: 'short' }))).toEqual([400, 'password has fewer than 8 characters']);
  });
  it('without thru asks whose access token it is, and makes nobody', async () => {
    const answer = await world.flow(`register/main_${way}`, { body: { access_token: await accessToken() } });
    expect([answer.status, claimsOf(tokensOf(answer).token).user_id]).toEqual([200, 'ada']);
    expect(said(await register('nobody', {}, ''))).toEqual([401, 'missing token']);
    expect(world.asked('register')).toEqual([]);
  });
});

describe('a flow that is not there', () => {
  it.each(['login', 'register?thru=true', 'refresh'])('is 501 17006 without a provider: %s', async (at) => {
    const [action, query = ''] = at.split('?');
    const answer = await world.flow(`${action}/homeless_rpc?${query}`, { body: { ...ADA, refresh_token: 'x' } });
    expect([answer.status, answer.json<ErrorAnswer>().error.code]).toEqual(
      action === 'refresh' ? [401, 401] : [501, 17006],
    );
  });
  it('is 501 17006 without a URL, and on a channel without a token', async () => {
    for (const at of ['login/partial_rpc', 'register/partial_http?thru=true', 'login/tokenless', 'logout/tokenless']) {
      const answer = await world.flow(at, { body: ADA });
      expect([at, answer.status, answer.json<ErrorAnswer>().error.code]).toEqual([at, 501, 17006]);
    }
  });
  it.each(['login/none', 'login', 'login/', 'fly/main_rpc', 'login/main_rpc/a/b', ''])('is 404: %s', async (at) => {
    expect((await world.flow(at, { body: ADA })).status).toBe(404);
    expect(world.calls).toEqual([]);
  });
  it('says for which channel there is none', async () => {
    expect((await world.flow('login/none')).json()).toMatchObject({ error: { code: 17002 } });
  });
  it.each(['GET', 'PUT', 'DELETE', 'HEAD'])('has no method %s', async (method) => {
    const answer = await call(world.gateway.port, '/api/auth/login/main_rpc', {
      method,
      headers: basic('ada', 'lovelace'),
    });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST, OPTIONS']);
  });
  it('tells its methods', async () => {
    const answer = await call(world.gateway.port, '/api/auth/login/main_rpc', { method: 'OPTIONS' });
    expect([answer.status, answer.headers.allow]).toEqual([204, 'POST, OPTIONS']);
  });
});

describe('what cannot be read', () => {
  it.each(['{"username":', 'abc', '{"a":1}}'])('is 400 as a body: %s', async (body) => {
    expect((await world.flow('login/main_rpc', { body, headers: basic('ada', 'lovelace') })).status).toBe(400);
  });
  it('is 415 as a body of another type', async () => {
    const answer = await world.flow('login/main_rpc', {
      body: 'username=ada',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer.status).toBe(415);
  });
  it.each([
    ['a list', { body: '[1]' }],
    ['a text', { body: '"ada"' }],
    ['Basic that is no base64', { headers: { authorization: 'Basic %%%' } }],
    ['Basic without a colon', { headers: { authorization: `Basic ${Buffer.from('ada').toString('base64')}` } }],
    ['Bearer base64 of no object', { headers: { authorization: 'Bearer base64=e30xx' } }],
    ['Bearer with nothing', { headers: { authorization: 'Bearer ' } }],
    ['a name without a value', { headers: { authorization: 'username ada, password' } }],
  ])('is 401 as credentials: %s', async (_, given) => {
    expect(said(await world.flow('login/main_rpc', given))).toEqual([401, 'invalid token']);
    expect(world.calls).toEqual([]);
  });
  it('is nothing where it is empty or null', async () => {
    for (const body of ['', 'null', '{}'])
      expect((await world.flow('login/main_rpc', { body, headers: basic('ada', 'lovelace') })).status).toBe(200);
  });
});
