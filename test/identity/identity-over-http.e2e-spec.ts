import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TestBackend } from '../support/backend.js';
import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

jest.setTimeout(60_000);

const TOKEN = 'a-secret-of-gateways-1';
const URLS = { login: '/login', register: '/register', resolve: '/resolve', refresh: '/refresh', logout: '/logout' };
const SESSION_URLS = { touch: '/touch', extendList: '/extendList', expire: '/expire', stitch: '/stitch' };
/** One gateway serves users and sessions; another asks it over RPC, and over plain HTTP. */
let [server, asking]: TestGateway[] = [];
let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.start();
  server = await TestGateway.start({
    settings: { 'identity.http.enabled': true, 'identity.http.token': TOKEN, 'log.level': 'trace' },
    components: {
      'all.json': {
        systems: [
          { id: 'b', executor: 'local', parameters: { runner: 'identity' } },
          {
            id: 'a',
            executor: 'local',
            parameters: {
              runner: 'identity',
              'registration.enabled': true,
              'auth.expiration': 77,
              'attempt.addressLimit': 3,
            },
          },
        ],
      },
    },
  });
  const tokenKind = (id: string) => ({
    ...{ id, signingSecret: 's'.repeat(64), provider: { channel: `users_${id}`, urls: URLS } },
    session: { channel: `sessions_${id}`, urls: SESSION_URLS },
    claims: [
      { name: 'sub', source: 'user.id', special: 'ORIGIN_ID' },
      { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
      { name: 'sid', special: 'SESSION_ID' },
    ],
  });
  const ways = ['rpc', 'crud'];
  asking = await TestGateway.start({
    settings: { 'server.trustProxy': 'private' },
    components: {
      'all.json': {
        systems: ways.map((executor) => ({
          id: executor,
          executor,
          parameters: { 'server.baseUrl': server!.url, token: TOKEN },
        })),
        channels: ways.flatMap((way) => [
          { id: `users_${way}`, system: way, target: '/auth/user' },
          { id: `sessions_${way}`, system: way, target: '/session/user' },
          aChannel(`shop_${way}`, backend.url, { authToken: way, paths: { '*': { isPublic: false } } }),
        ]),
        tokens: ways.map(tokenKind),
      },
    },
  });
  await server.until(async () => (await plain('/auth/user/user/list')).status === 200);
});
afterAll(async () => {
  await Promise.all([server!.stop(), asking!.stop()]);
  await backend.close();
});

const send = (path: string, body: string, headers: Record<string, string> = {}, method = 'POST'): Promise<CallAnswer> =>
  call(server!.port, path, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    ...(method === 'POST' && { body }),
  });
const plain = (path: string, body: unknown = {}) =>
  send(path, JSON.stringify(body), { Authorization: `Bearer ${TOKEN}` });
const post = (path: string, body: object, token?: string) =>
  call(asking!.port, path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
const codeOf = (answer: CallAnswer) => [answer.status, answer.json<ErrorAnswer>().error.code];

describe('the built-in servers over HTTP', () => {
  it.each(['rpc', 'crud'])('are users and sessions of another gateway, over %s', async (way) => {
    const registered = await post(`/api/auth/register/shop_${way}?thru=true`, {
      username: `ada-${way}`,
      password: 'correct horse',
    });
    expect(registered.status).toBe(200);
    const { refresh_token } = (
      await post(`/api/auth/login/shop_${way}`, { username: `ada-${way}`, password: 'correct horse' })
    ).json<{ refresh_token: string }>();
    const { gateway_token } = (await post(`/api/auth/refresh/shop_${way}`, { refresh_token })).json<{
      gateway_token: string;
    }>();
    const answer = await call(asking!.port, `/api/request/shop_${way}/x`, {
      headers: { Authorization: `Bearer ${gateway_token}` },
    });
    expect(answer.status).toBe(200);
    expect(backend.lastEvent().requestMeta['sessionId']).toMatch(/^[\da-f-]{36}$/);
    expect(codeOf(await post(`/api/auth/login/shop_${way}`, { username: `ada-${way}`, password: 'wrong' }))).toEqual([
      401, 401,
    ]);
    expect((await post(`/api/auth/logout/shop_${way}?thru=true`, {}, gateway_token)).status).toBe(200);
  });
  it('have the parameters of the first system by id', async () => {
    const { auth } = (await plain('/auth/user/register', { username: 'bob', password: 'correct horse' })).json<{
      auth: object;
    }>();
    expect(auth).toMatchObject({ expires_in: 77, access_token: expect.any(String) });
  });
  it('take settings of a call from the query, and give cookies where it says so', async () => {
    const credentials = { auth: { username: 'bob', password: 'correct horse' } };
    const answer = await plain('/auth/user/login?expiration=5&cookie=true', credentials);
    expect(answer.json()).toMatchObject({ auth: { expires_in: 5 }, user: { username: 'bob' } });
    expect(answer.json()).not.toHaveProperty('auth.password');
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^Rierino-Auth\.access_token=eyJ\S+; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=5$/),
      expect.stringMatching(/^Rierino-Auth\.refresh_token=\S+; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=6000$/),
    ]);
    const { auth } = answer.json<{ auth: { access_token: string } }>();
    const resolved = await plain('/auth/user/login?noTokens=true', credentials);
    expect(resolved.json()).toEqual({ user: expect.objectContaining({ username: 'bob' }) });
    const ended = await plain('/auth/user/logout?cookie=true', { auth });
    expect(ended.headers['set-cookie']).toHaveLength(2);
  });
  it('administer users, and keep sessions for who has an id', async () => {
    const made = await plain('/auth/user/user/register', {
      username: 'eve',
      password: 'correct horse',
      roles: ['clerk'],
    });
    const { id } = made.json<{ id: string }>();
    const { key } = (await plain('/auth/user/user/createKey', { id })).json<{ key: string }>();
    expect((await plain('/auth/user/resolveKey', { auth: { api_key: key } })).json()).toEqual({
      user: { id, roles: ['clerk'] },
    });
    expect(
      (await send('/auth/user/user/list?search=eve', '', { Authorization: `Bearer ${TOKEN}` }, 'GET')).json(),
    ).toMatchObject({ total: 1 });
    const session = (await plain('/session/user', { type: 'user', id })).json<{ id: string; expire: number }>();
    expect(session).toEqual({ id: expect.any(String), expire: expect.any(Number) });
    expect((await plain('/session/user/extendList', [`user-${id}`, 'user-none'])).json()).toEqual({
      extended: 1,
      missing: ['user-none'],
    });
    expect((await plain(`/session/user/extend/user-${id}`)).json()).toMatchObject({ id: session.id });
    expect((await plain(`/session/user/expire/user-${id}`)).json()).toEqual({ expired: true });
  });
  it('answer an event with an event', async () => {
    const event = { requestMeta: { auth: { username: 'bob', password: 'wrong' } }, payload: { parameters: {} } };
    const answer = await plain('/auth/user/login', event);
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      { payload: {}, result: { status: 'ERROR', error: { code: 10125, http: 401 } } },
    ]);
  });
  it('hold failed logins of an address back, and say for how long, to clients of the other gateway, too', async () => {
    const origin = { ip: '192.0.2.99' };
    const fail = () => plain('/auth/user/login', { auth: { username: 'nobody', password: 'x' }, origin });
    for (let times = 0; times < 2; times++) await fail();
    await plain('/auth/user/login', { auth: { username: 'none', password: 'x' }, origin });
    const refused = await fail();
    expect([refused.status, Number(refused.headers['retry-after']) > 800]).toEqual([429, true]);
    for (const way of ['rpc', 'crud']) {
      const attempt = (index: number) =>
        call(asking!.port, `/api/auth/login/shop_${way}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': `192.0.2.${way.length}` },
          body: JSON.stringify({ username: `no-${way}-${index}`, password: 'x' }),
        });
      for (let index = 0; index < 3; index++) expect((await attempt(index)).status).toBe(401);
      const told = await attempt(3);
      expect([way, told.status, Number(told.headers['retry-after']) > 800]).toEqual([way, 429, true]);
    }
  });
  it('give no password back', async () => {
    const flat = await plain('/auth/user/login', { username: 'bob', password: 'correct horse' });
    expect([flat.status, flat.text.includes('correct horse')]).toEqual([200, false]);
  });
  it('say what is wrong', async () => {
    const wrong = await plain('/auth/user/login', { auth: { username: 'bob', password: 'wrong' } });
    expect([codeOf(wrong), wrong.json<ErrorAnswer>().error.requestId]).toEqual([[401, 10125], expect.any(String)]);
    expect(codeOf(await plain('/auth/user/nothing'))).toEqual([404, 3]);
    expect(codeOf(await plain('/auth/user/user/get', { id: 'nobody' }))).toEqual([404, 10028]);
    expect(codeOf(await plain('/session/user/extend', { originKey: 'user-nobody' }))).toEqual([404, 11005]);
    expect(codeOf(await plain('/auth/user/login', [1]))).toEqual([400, 400]);
    expect(codeOf(await send('/auth/user/login', '{', { Authorization: `Bearer ${TOKEN}` }))).toEqual([400, 400]);
    expect(codeOf(await plain('/auth/user/%zz'))).toEqual([400, 400]);
    expect(codeOf(await send('/auth/user/login', '', { Authorization: `Bearer ${TOKEN}` }, 'GET'))).toEqual([405, 405]);
  });
  it.each(['/auth/user/user/list', '/session/user', '/auth/user/login', '/auth/x'])(
    'let nobody in without the secret: %s',
    async (path) => {
      const answers = [
        {},
        { Authorization: 'Bearer wrong' },
        { Authorization: `Basic ${TOKEN}` },
        { Authorization: `Bearer ${TOKEN}x` },
      ];
      const statuses = await Promise.all(
        answers.map(async (headers) => (await send(path, '{}', headers as Record<string, string>)).status),
      );
      expect(statuses).toEqual([401, 401, 401, 401]);
    },
  );
  it('are not there where nobody serves them, and a start without the secret is refused', async () => {
    expect((await post('/auth/user/login', {})).status).toBe(404);
    const refused = TestGateway.spawn({ settings: { 'identity.http.enabled': true } });
    await refused.until(() => refused.child.exitCode !== null);
    expect(refused.output).toContain('identity.http.token');
  });
  it('let no secret into the log', () => {
    expect(['correct horse', TOKEN, 'eyJ'].filter((secret) => server!.output.includes(secret))).toEqual([]);
  });
});
