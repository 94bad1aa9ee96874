import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { totpCode } from '../../src/identity/otp/totp.js';
import { bytesOfBase32 } from '../identity/base32.js';
import { TestBackend } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

jest.setTimeout(60_000);

const PASSWORD = 'correct horse';
const HTTP_TOKEN = 'a-secret-of-gateways-1';
/** A gateway whose users, keys and sessions are the built-in ones, and its administrator. */
let backend: TestBackend;
let gateway: TestGateway;
let root: string;
beforeAll(async () => {
  backend = await TestBackend.start();
  gateway = await TestGateway.start({
    settings: {
      'admin.bootstrap.password': PASSWORD,
      'identity.http.enabled': true,
      'identity.http.token': HTTP_TOKEN,
    },
    components: {
      'all.json': {
        systems: [
          { id: 'identity', executor: 'local', parameters: { runner: 'identity' } },
          { id: 'sessions', executor: 'local', parameters: { runner: 'session', ttl: 600_000 } },
        ],
        channels: [
          { id: 'users', system: 'identity', target: '/auth/user' },
          { id: 'user_sessions', system: 'sessions', target: '/session/user' },
          aChannel('shop', backend.url, {
            authToken: 'shop_user',
            paths: { '*': { isPublic: false }, clerks: { methods: { '*': { roles: ['clerk'] } } } },
          }),
        ],
        tokens: [
          {
            ...{ id: 'shop_user', signingSecret: 's'.repeat(64), apiKeyName: 'X-Api-Key' },
            claims: [
              { name: 'sub', source: 'user.id', special: 'ORIGIN_ID' },
              { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
              { name: 'roles', source: 'user.roles', special: 'ROLES' },
              { name: 'sid', special: 'SESSION_ID' },
            ],
            provider: { channel: 'users', urls: { login: '/login', resolveKey: '/resolveKey' } },
            session: { channel: 'user_sessions', urls: { touch: '/touch', extendList: '/extendList' } },
          },
        ],
      },
    },
  });
  await gateway.until(async () => (await post('/admin/api/v1/login', LOGIN)).status === 200);
  root = (await post('/admin/api/v1/login', LOGIN)).json<{ token: string }>().token;
});
afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

const LOGIN = { username: 'admin', password: PASSWORD };
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const send = (method: string, path: string, headers: Record<string, string>, body?: object): Promise<CallAnswer> =>
  call(gateway.port, path, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const post = (path: string, body: object, headers: Record<string, string> = {}) => send('POST', path, headers, body);
const asRoot = (method: string, path: string, body?: object) =>
  send(method, `/admin/api/v1/${path}`, bearer(root), body);
const addUser = async (username: string): Promise<string> => {
  const roles = [{ gateway: '*', role: 'clerk' }];
  const made = await asRoot('POST', 'users', { username, type: 'user', password: PASSWORD, roles });
  return made.json<{ id: string }>().id;
};
const logIn = (username: string) => post('/api/auth/login/shop', { username, password: PASSWORD });

describe('what administrators do', () => {
  it('to users counts for those who log in', async () => {
    const id = await addUser('ada');
    const token = (await logIn('ada')).json<{ gateway_token: string }>().gateway_token;
    expect((await send('GET', '/api/request/shop/clerks', bearer(token))).status).toBe(200);
    expect((await asRoot('PATCH', `users/${id}`, { disabled: true })).status).toBe(200);
    expect((await logIn('ada')).status).toBe(401);
    expect((await asRoot('PATCH', `users/${id}`, { disabled: false, roles: [] })).status).toBe(200);
    const other = (await logIn('ada')).json<{ gateway_token: string }>().gateway_token;
    expect((await send('GET', '/api/request/shop/clerks', bearer(other))).status).toBe(403);
    expect((await asRoot('DELETE', `users/${id}`)).status).toBe(204);
    expect((await logIn('ada')).status).toBe(401);
  });
  it('gives users API keys, and takes them away before anybody knows them', async () => {
    const user = await addUser('robot');
    const { key } = (await asRoot('POST', 'keys', { user })).json<{ key: string }>();
    expect((await send('GET', '/api/request/shop/clerks', { 'X-Api-Key': key })).status).toBe(200);
    const other = (await asRoot('POST', 'keys', { user })).json<{ id: string; key: string }>();
    expect((await asRoot('DELETE', `keys/${other.id}`)).status).toBe(204);
    expect((await send('GET', '/api/request/shop/clerks', { 'X-Api-Key': other.key })).status).toBe(401);
  });
  it('shows sessions of the built-in server, and ends them', async () => {
    const id = await addUser('eve');
    const token = (await logIn('eve')).json<{ gateway_token: string }>().gateway_token;
    await send('GET', '/api/request/shop/x', bearer(token));
    const sessionId = backend.lastEvent().requestMeta['sessionId'];
    const list = async () =>
      (await asRoot('GET', `sessions?type=user&id=${id}`)).json<{ list: { id: string }[]; total: number }>();
    expect(await list()).toMatchObject({ total: 1, list: [{ id: sessionId }] });
    expect((await asRoot('DELETE', `sessions/${String(sessionId)}`)).status).toBe(204);
    expect(await list()).toEqual({ list: [], total: 0 });
    expect((await asRoot('DELETE', `sessions/${String(sessionId)}`)).status).toBe(404);
  });
});

describe('an administrator with one-time passwords', () => {
  it('logs in by two steps', async () => {
    const { id } = (
      await asRoot('POST', 'users', {
        ...{ username: 'grace', type: 'admin', password: PASSWORD, roles: [{ gateway: '*', role: 'viewer' }] },
      })
    ).json<{ id: string }>();
    const credentials = { username: 'grace', password: PASSWORD };
    const { token } = (await post('/admin/api/v1/login', credentials)).json<{ token: string }>();
    const otp = (action: string, more: object = {}) =>
      post(`/auth/admin/otp/${action}`, { auth: { access_token: token }, ...more }, bearer(HTTP_TOKEN));
    const { secret } = (await otp('setup')).json<{ secret: string }>();
    const now = Math.floor(Date.now() / 30_000);
    expect((await otp('verify', { otp: totpCode(bytesOfBase32(secret), now) })).status).toBe(200);
    const step = (await post('/admin/api/v1/login', credentials)).json<{ stage: string; transactionId: string }>();
    expect(step).toEqual({ stage: 'otp', transactionId: expect.any(String) });
    const finish = (code: string) => post('/admin/api/v1/login', { transactionId: step.transactionId, otp: code });
    expect((await finish('000000')).status).toBe(401);
    const finished = await finish(totpCode(bytesOfBase32(secret), now + 1));
    const me = await send('GET', '/admin/api/v1/me', bearer(finished.json<{ token: string }>().token));
    expect(me.json()).toMatchObject({ id, username: 'grace', role: 'viewer' });
  });
});
