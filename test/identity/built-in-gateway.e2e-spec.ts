import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { totpCode } from '../../src/identity/otp/totp.js';
import { TestBackend } from '../support/backend.js';
import { call, type CallAnswer as Answer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { bytesOfBase32 } from './base32.js';

jest.setTimeout(60_000);

/** The records of docs/identity-server.md in a gateway with the embedded database. */
const SECRET = 's'.repeat(64);
const page = readFileSync(join(import.meta.dirname, '../../docs/identity-server.md'), 'utf8');
const records = /```yaml\n([\s\S]*?)```/.exec(page)![1]!;
const PROVIDER = {
  register: '/register',
  login: '/login',
  resolve: '/resolve',
  refresh: '/refresh',
  logout: '/logout',
};
let backend: TestBackend;
let gateway: TestGateway;
let data: string;
/** Secrets that answers had. */
const seen: string[] = [];
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'sluice-identity-'));
  backend = await TestBackend.start();
  gateway = await TestGateway.start({
    settings: { 'data.folder': data, 'log.level': 'trace', 'server.trustProxy': 'private' },
    env: { SHOP_TOKEN_SECRET: SECRET },
    components: {
      'docs.yaml': records,
      'more.json': {
        channels: [
          aChannel('shop', backend.url, {
            authToken: 'shop_user',
            paths: {
              '*': { isPublic: false },
              clerks: { methods: { '*': { roles: ['clerk'] } } },
              verified: { isPublic: false, verifyAccessToken: true },
            },
          }),
          // Nobody would open this: it makes the first users of the tests.
          { id: 'open', system: 'identity', target: '/auth/user', paths: { '*': { isPublic: true } } },
          // As one would write it who forgot to say what is closed.
          { id: 'loose', system: 'identity', target: '/auth/user', authToken: 'shop_user', paths: { 'otp/*': {} } },
          {
            id: 'strict_users',
            system: 'identity',
            target: '/auth/strict',
            parameters: { 'attempt.addressLimit': '2' },
          },
          aChannel('plain', backend.url, { authToken: 'plain_user', paths: { '*': { isPublic: false } } }),
          aChannel('strict', backend.url, { authToken: 'strict_user', paths: { '*': { isPublic: false } } }),
          {
            ...{ id: 'bad', executor: 'local', target: '/auth/user', paths: { '*': { isPublic: true } } },
            parameters: {
              runner: 'identity',
              'auth.expiration': 'soon',
              'auth.secret': 'short',
              'auth.passRegex': '(',
            },
          },
        ],
        tokens: [
          {
            ...{ id: 'plain_user', signingSecret: SECRET, verifiable: false },
            claims: [{ name: 'sub', source: 'user.id', special: 'ORIGIN_ID' }],
            provider: { channel: 'users', urls: { ...PROVIDER, delete: '/delete' } },
          },
          {
            ...{ id: 'strict_user', signingSecret: SECRET, longExpiration: 90_000 },
            claims: [{ name: 'sub', source: 'user.id', special: 'ORIGIN_ID' }],
            provider: { channel: 'strict_users', urls: { ...PROVIDER, login: '/login?refreshExpiration=500' } },
          },
        ],
      },
    },
  });
  await gateway.until(async () => (await post('/api/request/open/user/list')).status === 200);
});
afterAll(async () => {
  await gateway.stop();
  await backend.close();
  rmSync(data, { recursive: true, force: true });
});

interface LoggedIn {
  readonly gateway_token: string;
  readonly refresh_token: string;
  readonly user: { readonly id: string };
  readonly token: { readonly access_token: string; readonly refresh_expires_in: number };
}
interface ErrorBody {
  readonly error: { readonly code: number; readonly message: string };
}
const post = (path: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  call(gateway.port, path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const get = (path: string, headers: Record<string, string> = {}) => call(gateway.port, path, { headers });
const login = (username: string, password = 'correct horse', query = '') =>
  post(`/api/auth/login/shop${query}`, { username, password });
const add = async (username: string, roles: string[] = []): Promise<string> => {
  const answer = await post('/api/request/open/user/register', { username, password: 'correct horse', roles });
  return answer.json<{ id: string }>().id;
};
const status = async (answer: Promise<Answer>) => (await answer).status;

describe('a gateway with the built-in identity server', () => {
  it('registers, logs in, calls, refreshes and logs out', async () => {
    const registered = await post('/api/auth/register/shop?thru=true', {
      ...{ username: 'joan', password: 'clarke-1917', roles: ['clerk'], profile: { email: 'joan@example.org' } },
    });
    expect(registered.status).toBe(200);
    const { gateway_token: first, user } = registered.json<LoggedIn>();
    expect(await status(get('/api/request/shop/hello', bearer(first)))).toBe(200);
    expect(backend.lastEvent().requestMeta).toMatchObject({
      ...{ origin: { id: user.id, type: 'user' }, claims: { email: 'joan@example.org' } },
    });
    expect(await status(get('/api/request/shop/clerks', bearer(first)))).toBe(403);
    const { gateway_token: second, refresh_token } = (await login('joan', 'clarke-1917')).json<LoggedIn>();
    expect(await status(get('/api/request/shop/verified', bearer(second)))).toBe(200);
    const refreshed = (await post('/api/auth/refresh/shop', { refresh_token })).json<LoggedIn>();
    expect(await status(get('/api/request/shop/verified', bearer(refreshed.gateway_token)))).toBe(200);
    expect((await post('/api/auth/logout/shop?thru=true', {}, bearer(refreshed.gateway_token))).json()).toMatchObject({
      loggedOut: true,
    });
    for (const path of ['hello', 'verified'])
      expect(await status(get(`/api/request/shop/${path}`, bearer(refreshed.gateway_token)))).toBe(401);
    // Of the same login: the token itself lives on, what is verified at the server does not.
    expect(await status(get('/api/request/shop/verified', bearer(second)))).toBe(401);
    const { gateway_token: last } = (await login('joan', 'clarke-1917')).json<LoggedIn>();
    expect(await status(post('/api/auth/delete/shop?thru=true', {}, bearer(last)))).toBe(200);
    expect(await status(login('joan', 'clarke-1917'))).toBe(401);
  });
  it('tells who registers what is wrong, and nobody who exists at a login', async () => {
    await add('known');
    const wrong = async (answer: Promise<Answer>) => [
      (await answer).status,
      (await answer).json<ErrorBody>().error.code,
    ];
    const register = (username: string, password = 'correct horse') =>
      post('/api/auth/register/shop?thru=true', { username, password });
    expect(await wrong(register('KNOWN'))).toEqual([409, 11006]);
    expect(await wrong(register('new', 'short'))).toEqual([400, 10011]);
    expect(await wrong(register(' new'))).toEqual([400, 10011]);
    const bodies = await Promise.all([
      login('known', 'wrong'),
      login('nobody', 'wrong'),
      login('no\u0000body', 'wrong'),
    ]);
    const errors = bodies.map((answer) => [answer.status, answer.json<ErrorBody>().error.message]);
    expect(errors).toEqual(errors.map(() => [401, 'wrong credentials']));
  });
  it('lets administration in by role alone, whose keys then call', async () => {
    await add('anybody');
    await add('registrar', ['registrar']);
    const tokenOf = async (name: string) => (await login(name)).json<LoggedIn>().gateway_token;
    const clerk = { username: 'clerk', password: 'correct horse', roles: 'clerk' };
    expect(await status(post('/api/request/user_admin/register', clerk))).toBe(401);
    expect(await status(post('/api/request/user_admin/register', clerk, bearer(await tokenOf('anybody'))))).toBe(403);
    const asRegistrar = bearer(await tokenOf('registrar'));
    const { id } = (await post('/api/request/user_admin/register', clerk, asRegistrar)).json<{ id: string }>();
    const made = (await post('/api/request/user_admin/createKey', { id, name: 'ci' }, asRegistrar)).json<{
      id: string;
      key: string;
    }>();
    const key = { 'X-Api-Key': made.key };
    seen.push(made.key);
    expect(await status(get('/api/request/shop/clerks', key))).toBe(200);
    expect(backend.lastEvent().requestMeta).toMatchObject({ origin: { id } });
    expect((await get('/api/request/user_admin/list?search=clerk&limit=1', asRegistrar)).json()).toMatchObject({
      total: 1,
    });
    expect(await status(get('/api/request/shop/clerks', { 'X-Api-Key': 'x'.repeat(32) }))).toBe(401);
  });
  it('asks for one-time codes that a user has set up on a channel of its own', async () => {
    await add('grace');
    const token = bearer((await login('grace')).json<LoggedIn>().gateway_token);
    expect(await status(post('/api/request/me/otp/setup'))).toBe(401);
    const { secret } = (await post('/api/request/me/otp/setup', {}, token)).json<{ secret: string }>();
    const now = Math.floor(Date.now() / 30_000);
    const code = (step: number) => totpCode(bytesOfBase32(secret), step);
    const verified = await post('/api/request/me/otp/verify', { otp: code(now) }, token);
    const { recoveryCodes } = verified.json<{ recoveryCodes: string[] }>();
    expect(recoveryCodes).toHaveLength(10);
    seen.push(secret, ...recoveryCodes);
    const step = (await login('grace')).json<{ stage: string; transactionId: string; gateway_token?: string }>();
    expect(step).toEqual({ stage: 'otp', transactionId: expect.any(String) });
    expect(await status(post('/api/auth/login/shop', { ...step, otp: '000000' }))).toBe(401);
    const finished = await post('/api/auth/login/shop', { ...step, otp: code(now + 1) });
    expect(await status(get('/api/request/shop/hello', bearer(finished.json<LoggedIn>().gateway_token)))).toBe(200);
    const again = (await login('grace')).json<{ transactionId: string }>();
    // By headers, whose names have no case.
    const headers = { 'Rierino-Auth.transactionId': again.transactionId, 'Rierino-Auth.otp': recoveryCodes[0]! };
    expect(await status(post('/api/auth/login/shop', {}, headers))).toBe(200);
    expect(await status(post('/api/request/me/otp/disable', { password: 'correct horse' }, token))).toBe(200);
    expect((await login('grace')).json<LoggedIn>().gateway_token).toBeDefined();
  });
  it('lets users do to themselves what the channel for it says, and nothing to others, nor by an API key', async () => {
    const id = await add('me');
    const { key } = (await post('/api/request/open/user/createKey', { id })).json<{ key: string }>();
    const token = bearer((await login('me')).json<LoggedIn>().gateway_token);
    for (const path of ['user/list', 'user/setAccess', 'login', 'delete'])
      expect([path, await status(post(`/api/request/me/${path}`, { id, roles: ['registrar'] }, token))]).toEqual([
        path,
        403,
      ]);
    expect(await status(post('/api/request/loose/user/setAccess', { id, roles: ['registrar'] }, token))).toBe(403);
    expect(await status(post('/api/request/me/otp/setup', {}, { 'X-Api-Key': key }))).toBe(403);
    const change = { password: 'correct horse', newPassword: 'battery staple' };
    expect(await status(post('/api/request/me/custom/changePassword', change, token))).toBe(200);
    expect(await status(post('/api/request/me/otp/setup', {}, token))).toBe(401);
  });
  it.each(['shop', 'plain'])(
    'deletes whom the gateway token of %s names, whatever other token comes along',
    async (channel) => {
      const [victim, attacker] = [`victim-${channel}`, `attacker-${channel}`];
      await Promise.all([add(victim), add(attacker)]);
      const credentials = (username: string) => ({ username, password: 'correct horse' });
      const accessToken = async (username: string) =>
        (await post('/api/request/open/login', credentials(username))).json<LoggedIn>().token.access_token;
      const [theirs, own] = [await accessToken(victim), await accessToken(attacker)];
      const { gateway_token } = (await post(`/api/auth/login/${channel}`, credentials(attacker))).json<LoggedIn>();
      const remove = (access_token: string) =>
        post(`/api/auth/delete/${channel}?thru=true`, { access_token }, bearer(gateway_token));
      // Without the server's tokens in it the gateway token cannot stand for them: then both must be of one user.
      expect(await status(remove(theirs))).toBe(channel === 'shop' ? 200 : 401);
      if (channel === 'plain') expect(await status(remove(own))).toBe(200);
      expect([await status(login(victim)), await status(login(attacker))]).toEqual([200, 401]);
    },
  );
  it('answers malformed credentials as wrong ones', async () => {
    for (const body of [
      { username: { a: 1 }, password: 'x' },
      { stage: 'otp', transactionId: {}, otp: '1' },
    ])
      expect(await status(post('/api/auth/login/shop', body))).toBe(401);
  });
  it('ends what a user may do when administration disables it', async () => {
    const id = await add('eve');
    const { gateway_token, refresh_token } = (await login('eve')).json<LoggedIn>();
    await post('/api/request/open/user/setAccess', { id, disabled: true });
    expect(await status(get('/api/request/shop/verified', bearer(gateway_token)))).toBe(401);
    expect(await status(post('/api/auth/refresh/shop', { refresh_token }))).toBe(401);
    expect(await status(login('eve'))).toBe(401);
  });
  it('remembers a login as long as the record says, over its refreshes', async () => {
    await post('/api/request/open/user/register', { username: 'rem', password: 'correct horse' });
    const lifeOf = (answer: Answer) => answer.json<LoggedIn>().token.refresh_expires_in;
    expect(lifeOf(await login('rem'))).toBe(6000);
    const remembered = await login('rem', 'correct horse', '?remember=true');
    expect(lifeOf(remembered)).toBe(604_800);
    const { refresh_token } = remembered.json<LoggedIn>();
    expect(lifeOf(await post('/api/auth/refresh/shop', { refresh_token }))).toBe(604_800);
    // What a client says of lives is nothing to the server.
    const asked = await post('/api/auth/login/shop?refreshExpiration=9', {
      username: 'rem',
      password: 'correct horse',
      refreshExpiration: 9,
      noTokens: true,
    });
    expect(lifeOf(asked)).toBe(6000);
  });
  it('keeps an address out that fails too often, and tells it when to come again', async () => {
    const from = (ip: string) => ({ 'X-Forwarded-For': ip });
    const attempt = (username: string, ip = '192.0.2.7') =>
      post('/api/auth/login/strict', { username, password: 'wrong horse' }, from(ip));
    expect([await status(attempt('a')), await status(attempt('b'))]).toEqual([401, 401]);
    const refused = await attempt('c');
    expect([refused.status, refused.json<ErrorBody>().error.code]).toEqual([429, 429]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
    expect(await status(attempt('c', '192.0.2.8'))).toBe(401);
    // Another system has its own limit.
    expect(
      await status(post('/api/auth/login/shop', { username: 'nobody', password: 'wrong horse' }, from('192.0.2.7'))),
    ).toBe(401);
  });
  it('says which parameters are wrong, and the rest goes on', async () => {
    const { faults } = await gateway.health();
    const pointers = faults.filter(({ id }) => id === 'bad').map(({ pointer }) => pointer);
    expect(pointers.sort()).toEqual(
      ['auth.expiration', 'auth.passRegex', 'auth.secret'].map((name) => `/parameters/${name}`),
    );
    expect(await status(post('/api/request/bad/login'))).toBe(500);
  });
  it('lets no password, key, code or token into the log, at any level', () => {
    const secrets = ['correct horse', 'clarke-1917', 'wrong horse', SECRET, 'eyJ', ...seen];
    expect(seen.length).toBeGreaterThan(10);
    expect(secrets.filter((secret) => gateway.output.includes(secret))).toEqual([]);
  });
});
