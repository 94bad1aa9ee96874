import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import { call, type CallAnswer } from '../support/call.js';
import { CLIENT } from '../support/fake-provider.js';
import { cookiesOf, said } from '../support/flow-answers.js';
import { APP, OidcWorld, OTHER, PUBLIC_URL } from '../support/oidc-world.js';

jest.setTimeout(60_000);

let world: OidcWorld;
beforeAll(async () => {
  world = await OidcWorld.start({
    providers: { bare: { redirectUris: null }, twin: {}, slow: { timeout: 1000 } },
    settings: { 'security.csrf.enabled': true },
  });
});
afterAll(() => world.close());
beforeEach(() => world.reset());
afterEach(() => expect(world.provider.unplanned).toEqual([]));

interface Begun {
  readonly answer: CallAnswer;
  readonly at: URL;
  /** As a browser sends it back. */
  readonly cookie: string;
  readonly query: URLSearchParams;
}
const headerOf = ({ headers }: CallAnswer, name: string): string => String(headers[name]);

/** @param at channel, perhaps with type and query */
async function begin(at = 'shop', headers: OutgoingHttpHeaders = {}): Promise<Begun> {
  const answer = await world.get(`/api/auth/authorize/${at}`, headers);
  expect(answer.status).toBe(303);
  const url = new URL(headerOf(answer, 'location'));
  const cookie = answer.headers['set-cookie']![0]!.split(';', 1)[0]!;
  return { answer, at: url, cookie, query: url.searchParams };
}
/** The provider's part: a code for who logs in there. */
function allow({ query }: Begun): string {
  const code = `code-${world.provider.codes.size + 1}-of-ada`;
  world.provider.codes.set(code, { nonce: query.get('nonce')!, challenge: query.get('code_challenge')! });
  return code;
}
const comeBack = (begun: Begun, query: Readonly<Record<string, string>>, over: OutgoingHttpHeaders = {}, at = 'shop') =>
  world.get(
    `/api/auth/callback/${at}?${new URLSearchParams({ state: begun.query.get('state')!, ...query }).toString()}`,
    {
      cookie: begun.cookie,
      ...over,
    },
  );

describe('the way to the provider', () => {
  it('has code, PKCE, state and nonce, and the address that server.publicUrl says, whatever Host does', async () => {
    const { answer, at, query, cookie } = await begin('shop/web', {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
    });
    expect(at.origin + at.pathname).toBe(`${world.provider.issuer.issuer}/authorize`);
    expect(Object.fromEntries(query)).toEqual({
      ...{ response_type: 'code', client_id: CLIENT.clientId, scope: 'openid', code_challenge_method: 'S256' },
      redirect_uri: `${PUBLIC_URL}/api/auth/callback/shop/web`,
      ...{ state: expect.stringMatching(/^[\w-]{43}$/), nonce: expect.stringMatching(/^[\w-]{43}$/) },
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^sluice-login\.[\w-]{8}=[\w-]+; Max-Age=600; Path=\/edge\/api\/auth; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ]);
    expect(headerOf(answer, 'cache-control')).toBe('no-store');
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(Buffer.from(cookie.split('=')[1]!, 'base64url').toString('latin1')).not.toContain(query.get(name)!);
  });
  it('is another each time', async () => {
    const [one, other] = [await begin(), await begin()];
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(one.query.get(name)).not.toBe(other.query.get(name));
  });
  it.each([
    ['https://app.example.org/done/', 400],
    ['https://app.example.org/DONE', 400],
    ['https://app.example.org/done?x=1', 400],
    ['https://app.example.org/done#x', 400],
    ['//app.example.org/done', 400],
    ['', 400],
    [`${APP}&redirect_uri=${encodeURIComponent(OTHER)}`, 400],
    [encodeURIComponent(OTHER), 303],
    [encodeURIComponent(APP), 303],
  ])('goes on with redirect_uri=%s by %i', async (uri, status) => {
    const answer = await world.get(`/api/auth/authorize/shop?redirect_uri=${uri}`);
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.headers['location']).toBeUndefined();
  });
  it('is not there without redirectUris, and for POST and HEAD', async () => {
    expect((await world.get('/api/auth/authorize/bare')).status).toBe(501);
    expect((await world.get('/api/auth/authorize/none')).status).toBe(404);
    const answer = await world.flow('authorize/shop');
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, OPTIONS']);
    const head = await call(world.gateway.port, '/api/auth/callback/shop', { method: 'HEAD' });
    expect([head.status, (await world.get('/api/auth/login/shop')).status]).toEqual([405, 405]);
  });
  it('lets go of logins that were begun and left, the oldest first', async () => {
    const begun: Begun[] = [];
    for (let index = 0; index < 5; index++) begun.push(await begin());
    const { answer } = await begin('shop', {
      cookie: begun
        .map(({ cookie }) => cookie)
        .reverse()
        .join('; '),
    });
    const ended = answer.headers['set-cookie']!.filter((text) => text.includes('Max-Age=0'));
    expect(ended.map((text) => text.split('=', 1)[0])).toEqual(
      begun.slice(0, 2).map(({ cookie }) => cookie.split('=', 1)[0]),
    );
  });
});

describe('the way back', () => {
  it('ends at the application with the tokens in cookies', async () => {
    world.provider.claims = { roles: ['clerk'] };
    const begun = await begin(`shop?redirect_uri=${encodeURIComponent(OTHER)}`);
    const answer = await comeBack(begun, { code: allow(begun) });
    expect([answer.status, answer.headers['location'], answer.text]).toEqual([303, OTHER, '']);
    const cookies = cookiesOf(answer);
    expect(Object.keys(cookies).sort()).toEqual([
      ...['Rierino-Auth.refresh_token', 'Rierino-Auth.user_token', begun.cookie.split('=', 1)[0]!],
    ]);
    expect(cookies[begun.cookie.split('=', 1)[0]!]).toMatch(/^; Max-Age=0; Path=\/edge\/api\/auth/);
    expect(answer.headers['x-csrf-token']).toMatch(/^[\w-]{43}$/);
    const [exchanged] = world.provider.asked('/token');
    expect(exchanged!.form).toEqual({
      ...{ grant_type: 'authorization_code', code: expect.any(String), code_verifier: expect.any(String) },
      redirect_uri: `${PUBLIC_URL}/api/auth/callback/shop`,
    });
    expect(exchanged!.client).toBe(`${CLIENT.clientId}:${CLIENT.clientSecret}`);
    const token = cookies['Rierino-Auth.user_token']!.split(';', 1)[0]!;
    expect((await world.ask('clerks', token)).status).toBe(200);
  });
  it('takes the guest’s session over, and what the channel adds', async () => {
    const guest = await world.get('/api/request/shop/open?cookie=true');
    const guestCookie = guest.headers['set-cookie']![0]!.split(';', 1)[0]!;
    world.saga = { payload: { user: { roles: ['clerk'] } } };
    const begun = await begin();
    world.backend.seen.length = 0;
    const answer = await comeBack(begun, { code: allow(begun) }, { cookie: `${guestCookie}; ${begun.cookie}` });
    expect([answer.status, answer.headers['location']]).toEqual([303, APP]);
    expect(world.backend.seen.map(({ url }) => url)).toEqual(['/api/login', '/session/stitch']);
    const token = cookiesOf(answer)['Rierino-Auth.user_token']!.split(';', 1)[0]!;
    expect((await world.ask('clerks', token)).status).toBe(200);
    expect(world.backend.lastEvent().requestMeta).toMatchObject({ sessionId: 's-stitch', origin: { id: 'ada' } });
  });
  it('with a refusal ends at the application with its code alone', async () => {
    const begun = await begin();
    const answer = await comeBack(begun, { error: 'access_denied', error_description: '<script>' });
    expect([answer.status, answer.headers['location']]).toEqual([303, `${APP}?error=access_denied`]);
    const odd = await begin(`shop?redirect_uri=${encodeURIComponent(OTHER)}`);
    const other = await comeBack(odd, { error: 'a"b\r\nSet-Cookie: x' });
    expect(other.headers['location']).toBe(`${OTHER}&error=access_denied`);
    expect(Object.keys(cookiesOf(other))).toEqual([odd.cookie.split('=', 1)[0]]);
  });
  it('with a code that the provider does not know ends at the application with an error', async () => {
    const answer = await comeBack(await begin(), { code: 'made-up' });
    expect([answer.status, answer.headers['location']]).toEqual([303, `${APP}?error=access_denied`]);
    expect(cookiesOf(answer)).not.toHaveProperty('Rierino-Auth.user_token');
  });
  it('that the channel refuses, or wants more of, ends there, too', async () => {
    world.saga = { payload: {}, result: { status: 'ERROR', error: { code: 403, message: 'blocked' } } };
    const refused = await begin();
    expect((await comeBack(refused, { code: allow(refused) })).headers['location']).toBe(`${APP}?error=access_denied`);
    world.saga = { payload: { stage: 'otp', skipToken: true } };
    const step = await begin();
    const answer = await comeBack(step, { code: allow(step) });
    expect(answer.headers['location']).toBe(`${APP}?error=interaction_required`);
    expect(cookiesOf(answer)).not.toHaveProperty('Rierino-Auth.user_token');
  });
});

describe('what comes back and does not fit', () => {
  it.each<[string, (begun: Begun) => Promise<CallAnswer>]>([
    ['without the cookie', (begun) => comeBack(begun, { code: allow(begun) }, { cookie: '' })],
    ['with another state', (begun) => comeBack(begun, { code: allow(begun), state: 'A'.repeat(43) })],
    [
      'with a state that begins alike',
      (begun) => comeBack(begun, { code: allow(begun), state: begun.query.get('state')!.slice(0, 8) + 'A'.repeat(35) }),
    ],
    ['with an empty state', (begun) => comeBack(begun, { code: allow(begun), state: '' })],
    [
      'with two states',
      (begun) =>
        world.get(
          `/api/auth/callback/shop?code=x&state=${begun.query.get('state')!}&state=${begun.query.get('state')!}`,
          { cookie: begun.cookie },
        ),
    ],
    [
      'with a cookie that was altered',
      (begun) => comeBack(begun, { code: allow(begun) }, { cookie: `${begun.cookie.slice(0, -3)}abc` }),
    ],
    [
      'with an empty cookie',
      (begun) => comeBack(begun, { code: allow(begun) }, { cookie: `${begun.cookie.split('=', 1)[0]!}=` }),
    ],
    ['at another channel', (begun) => comeBack(begun, { code: allow(begun) }, {}, 'twin')],
    ['at another type', (begun) => comeBack(begun, { code: allow(begun) }, {}, 'shop/web')],
    ['with nothing', () => world.get('/api/auth/callback/shop')],
  ])('is 400: %s', async (_what, come) => {
    const answer = await come(await begin());
    expect(said(answer)).toEqual([400, expect.stringContaining('begin it anew')]);
    expect([answer.headers['location'], answer.headers['set-cookie']]).toEqual([undefined, undefined]);
    expect(world.provider.seen).toEqual([]);
  });
  it('counts once, also twice at one time', async () => {
    const begun = await begin();
    const code = allow(begun);
    const answers = await Promise.all([1, 2, 3, 4].map(() => comeBack(begun, { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400]);
    expect(world.provider.asked('/token')).toHaveLength(1);
    expect((await comeBack(begun, { code })).status).toBe(400);
  });
  it('is refused at the provider with the code of another login: the verifier is another, and the nonce', async () => {
    const [mine, stolen] = [await begin(), await begin()];
    const answer = await comeBack(mine, { code: allow(stolen) });
    expect(answer.headers['location']).toBe(`${APP}?error=access_denied`);
    const third = await begin();
    world.provider.scripts.set('/token', () => world.provider.tokens({ sub: 'ada' }, 'another nonce'));
    expect((await comeBack(third, { code: allow(third) })).status).toBe(502);
    world.provider.scripts.set('/token', async () => ({
      ...(await world.provider.tokens({ sub: 'ada' })),
      id_token: undefined,
    }));
    const fourth = await begin();
    expect((await comeBack(fourth, { code: allow(fourth) })).status).toBe(502);
  });
  it('is refused where another issuer says that it answers (RFC 9207)', async () => {
    const begun = await begin();
    expect((await comeBack(begun, { code: allow(begun), iss: 'https://evil.example' })).status).toBe(400);
    expect((await comeBack(await begin(), {})).status).toBe(400);
    expect(world.provider.asked('/token')).toEqual([]);
  });
  it('is 504 where the provider is silent, and begins anew', async () => {
    const begun = await begin('slow');
    world.provider.scripts.set('/token', () => () => undefined);
    expect((await comeBack(begun, { code: allow(begun) }, {}, 'slow')).status).toBe(504);
    expect((await begin('slow')).at.pathname).toBe('/main/authorize');
  });
  it('is 500, not a login that the browser forgets, where the token is more than a cookie holds', async () => {
    world.provider.claims = { blob: Buffer.alloc(6000, 'x').toString() };
    const noise = Array.from({ length: 80 }, (_each, index) => `role-${index}-${Math.random()}`);
    world.saga = { payload: { user: { roles: noise } } };
    const begun = await begin();
    expect((await comeBack(begun, { code: allow(begun) })).status).toBe(500);
    await world.logs('more than browsers keep');
  });
  it('leaves no code, state, verifier or token in the log', async () => {
    await world.logs('"status":504');
    expect(world.gateway.output).not.toMatch(/of-ada|eyJ|gateway-secret|state=|code=/);
  });
});
