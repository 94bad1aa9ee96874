import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import { call, post, type CallAnswer } from '../support/call.js';
import {
  basic,
  bearer,
  claimsOf,
  cookiesOf,
  IdentityWorld,
  resigned,
  said,
  secondsAgo,
  WAYS,
} from '../support/identity-world.js';

const COOKIE = {
  domain: 'shop.example',
  sameSite: 'strict',
  path: '/api/request',
  refreshPath: '/api/auth',
  httpOnly: false,
  secure: false,
};
let world: IdentityWorld;
/** With protection against forged requests; the second also gives its token as a cookie. */
let guarded: IdentityWorld;
let told: IdentityWorld;
beforeAll(async () => {
  const csrf = { 'security.csrf.enabled': true };
  [world, guarded, told] = await Promise.all([
    IdentityWorld.start({ variants: { main: {}, own: { token: () => ({ cookie: COOKIE }) } } }),
    IdentityWorld.start({ settings: csrf }),
    IdentityWorld.start({ settings: { ...csrf, 'security.csrf.cookie': true } }),
  ]);
}, 60_000);
afterAll(() => Promise.all([world, guarded, told].map((each) => each.close())), 60_000);
beforeEach(() => [world, guarded, told].forEach((each) => each.reset()));

const TOKEN = 'Rierino-Auth.user_token';
const REFRESH = 'Rierino-Auth.refresh_token';
/** What a browser sends back. */
const sent = (cookies: Record<string, string>): string =>
  Object.entries(cookies)
    .map(([name, value]) => `${name}=${value.split(';', 1)[0]}`)
    .join('; ');
const change = (of: IdentityWorld, at: string, headers: OutgoingHttpHeaders): Promise<CallAnswer> =>
  post(of.gateway.port, `/api/request/${at}`, '{"a":1}', headers);

describe.each(WAYS)('a login with cookie=true over %s', (way) => {
  it('gives the tokens as cookies, and none in the body', async () => {
    const answer = await world.login(`main_${way}?cookie=true`);
    const attributes = 'SameSite=Lax; HttpOnly; Secure';
    expect(cookiesOf(answer)).toEqual({
      [TOKEN]: expect.stringMatching(new RegExp(`^ey[\\w.-]+; Max-Age=660; Path=/api; ${attributes}$`)),
      [REFRESH]: expect.stringMatching(new RegExp(`^[\\w.-]+; Max-Age=6000; Path=/api/auth/refresh; ${attributes}$`)),
    });
    expect(answer.json()).toMatchObject({ expires_in: 600, user: { id: 'ada' } });
    expect(answer.text).not.toMatch(/access_token|refresh_token|user_token|eyJ/);
  });
  it('gives cookies as the record says', async () => {
    const cookies = cookiesOf(await world.login(`own_${way}?cookie=true`));
    expect(cookies[TOKEN]).toMatch(
      /^ey[\w.-]+; Max-Age=660; Path=\/api\/request; Domain=shop.example; SameSite=Strict$/,
    );
    expect(cookies[REFRESH]).toMatch(/; Path=\/api\/auth; Domain=shop.example; SameSite=Strict$/);
  });
  it('lets the browser in, refresh and leave', async () => {
    const cookies = cookiesOf(await world.login(`main_${way}?cookie=true`));
    expect((await world.get(`main_${way}/admins`, { cookie: sent(cookies) })).status).toBe(200);
    expect((await change(world, `main_${way}/admins`, { cookie: sent(cookies) })).status).toBe(200);
    const refreshed = await world.flow(`refresh/main_${way}?cookie=true`, { headers: { cookie: sent(cookies) } });
    const next = cookiesOf(refreshed);
    expect([refreshed.status, Object.keys(next)]).toEqual([200, [TOKEN, REFRESH]]);
    const left = await world.flow(`logout/main_${way}?cookie=true`, { headers: { cookie: sent(next) } });
    expect([left.status, Object.keys(cookiesOf(left))]).toEqual([200, [TOKEN, REFRESH]]);
    expect(said(await world.get(`main_${way}/admins`, { cookie: sent(next) }))).toEqual([401, 'invalid token']);
  });
  it('registers so too', async () => {
    const body = { username: `cookie-${way}`, password: 'long enough' };
    const answer = await world.flow(`register/main_${way}?thru=true&cookie=true`, { body });
    expect(Object.keys(cookiesOf(answer))).toEqual([TOKEN, REFRESH]);
    expect(answer.text).not.toMatch(/access_token|refresh_token|user_token/);
  });
  it.each([{ stage: 'terms', skipToken: true }, { skipToken: true }])(
    'gives no token at all at a step: %j',
    async (payload) => {
      world.saga = () => ({ payload });
      const answer = await world.login(`main_${way}?cookie=true`);
      expect([answer.status, cookiesOf(answer)]).toEqual([200, {}]);
      expect(answer.text).not.toMatch(/access_token|refresh_token|user_token|eyJ/);
    },
  );
  it('gives no token against forgery where nobody asked for one', async () => {
    expect((await world.login(`main_${way}?cookie=true`)).headers).not.toHaveProperty('x-csrf-token');
  });
});

describe.each(WAYS)('protection against forged requests over %s', (way) => {
  const at = `main_${way}`;
  const loggedIn = async (of = guarded) => {
    const answer = await of.login(`${at}?cookie=true`);
    return { cookie: sent(cookiesOf(answer)), token: String(answer.headers['x-csrf-token']), answer };
  };
  const FORGED = [403, expect.stringMatching(/^missing or wrong CSRF token/)];

  it.each(['X-CSRF-TOKEN', 'X-XSRF-TOKEN'])(
    'lets a change by cookie through with the token of the login in %s',
    async (name) => {
      const { cookie, token } = await loggedIn();
      expect((await change(guarded, `${at}/admins`, { cookie, [name]: token })).status).toBe(200);
    },
  );
  it('refuses a change by cookie without it, with another, and with that of another login', async () => {
    const { cookie, token } = await loggedIn();
    const other = await loggedIn();
    for (const headers of [
      {},
      { 'X-CSRF-TOKEN': `${token}x` },
      { 'X-CSRF-TOKEN': other.token },
      { 'X-XSRF-TOKEN': cookie },
    ]) {
      const answer = await change(guarded, `${at}/admins`, { cookie, ...headers });
      expect(answer.status).toBe(403);
    }
    expect((await change(guarded, `${at}/open`, { cookie })).status).toBe(403);
    expect(guarded.backend.seen.filter(({ url }) => /admins|open/.test(url))).toEqual([]);
  });
  it.each(['PUT', 'PATCH', 'DELETE'])('holds for %s', async (method) => {
    const { cookie, token } = await loggedIn();
    const send = (headers: OutgoingHttpHeaders) =>
      call(guarded.gateway.port, `/api/request/${at}/admins`, { method, headers: { cookie, ...headers } });
    expect([(await send({})).status, (await send({ 'X-CSRF-TOKEN': token })).status]).toEqual([403, 200]);
  });
  it('lets reads through, and tells the token with them', async () => {
    const { cookie, token } = await loggedIn();
    const answer = await guarded.get(`${at}/admins`, { cookie });
    expect([answer.status, answer.headers['x-csrf-token']]).toEqual([200, token]);
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect((await guarded.get(`${at}/open`)).headers).not.toHaveProperty('x-csrf-token');
  });
  it('does not hold for who comes with a header', async () => {
    const { token } = await guarded.tokens(at);
    expect((await change(guarded, `${at}/admins`, bearer(token))).status).toBe(200);
    expect((await guarded.flow(`logout/${at}`, { headers: bearer(token) })).status).toBe(200);
  });
  it('exempts login, register and refresh, each of which tells the new token', async () => {
    const { cookie, token } = await loggedIn();
    const login = await guarded.flow(`login/${at}?cookie=true`, { headers: { cookie, ...basic('ada', 'lovelace') } });
    const body = { username: `guarded-${way}`, password: 'long enough' };
    const registered = await guarded.flow(`register/${at}?thru=true&cookie=true`, { headers: { cookie }, body });
    const refreshed = await guarded.flow(`refresh/${at}`, { headers: { cookie } });
    for (const answer of [login, registered, refreshed])
      expect([answer.status, answer.headers['x-csrf-token']]).toEqual([200, expect.stringMatching(/^[\w-]{43}$/)]);
    const next = { cookie: sent(cookiesOf(refreshed)), 'X-CSRF-TOKEN': String(refreshed.headers['x-csrf-token']) };
    expect((await change(guarded, `${at}/admins`, next)).status).toBe(200);
    expect(next['X-CSRF-TOKEN']).not.toBe(token);
  });
  it.each(['logout', 'delete'])('holds for %s', async (action) => {
    const { cookie, token } = await loggedIn();
    expect((await guarded.flow(`${action}/${at}`, { headers: { cookie } })).status).toBe(403);
    expect((await guarded.get(`${at}/admins`, { cookie })).status).toBe(200);
    expect((await guarded.flow(`${action}/${at}`, { headers: { cookie, 'X-CSRF-TOKEN': token } })).status).toBe(200);
  });
  it('tells one token where a call is served within the grace of its own', async () => {
    const cookies = cookiesOf((await loggedIn()).answer);
    const [token, refresh] = [TOKEN, REFRESH].map((name) => cookies[name]!.split(';', 1)[0]!);
    const expired = await resigned(token!, { exp: secondsAgo(50) });
    const answer = await guarded.get(`${at}/admins`, { cookie: sent({ [TOKEN]: expired, [REFRESH]: refresh! }) });
    const told = answer.rawHeaders.filter((_, index) => answer.rawHeaders[index - 1]?.toLowerCase() === 'x-csrf-token');
    expect([answer.status, told]).toEqual([200, [expect.any(String)]]);
    const next = { cookie: sent(cookiesOf(answer)), 'X-CSRF-TOKEN': told[0]! };
    expect((await change(guarded, `${at}/admins`, next)).status).toBe(200);
  });
  it('refuses in the words of the gateway', async () => {
    const { cookie } = await loggedIn();
    expect(said(await change(guarded, `${at}/admins`, { cookie }))).toEqual(FORGED);
  });
  it('gives the token as a cookie that scripts can read, where that is asked for', async () => {
    const { answer, token, cookie } = await loggedIn(told);
    expect(cookiesOf(answer)['XSRF-TOKEN']).toBe(`${token}; Path=/; Secure; SameSite=Lax`);
    const read = await told.get(`${at}/admins`, { cookie });
    expect(cookiesOf(read)).toEqual({ 'XSRF-TOKEN': `${token}; Path=/; Secure; SameSite=Lax` });
    expect((await change(told, `${at}/admins`, { cookie, 'X-XSRF-TOKEN': token })).status).toBe(200);
    expect((await change(told, `${at}/admins`, { cookie })).status).toBe(403);
    expect(claimsOf(cookiesOf(answer)[TOKEN]!.split(';', 1)[0]!)).toMatchObject({ user_id: 'ada' });
    const left = await told.flow(`logout/${at}?cookie=true`, { headers: { cookie, 'X-XSRF-TOKEN': token } });
    expect([left.status, cookiesOf(left)['XSRF-TOKEN']]).toEqual([200, '; Path=/; Secure; SameSite=Lax; Max-Age=0']);
  });
});
