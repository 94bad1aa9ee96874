import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EncryptJWT, SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { TestBackend } from '../support/backend.js';
import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

const KEY = randomBytes(64);
const AES = randomBytes(32);
const CLAIMS = [
  { name: 'sub', source: 'user.id', special: 'ORIGIN_ID', element: 'user.id' },
  { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
  { name: 'sid', special: 'SESSION_ID' },
  { name: 'roles', special: 'ROLES', metaElement: 'roles' },
  { name: 'tenant', element: 'parameters.tenant', metaElement: 'tenant' },
];
const tokens = [
  { id: 'user', signingSecret: `base64:${KEY.toString('base64')}`, claims: CLAIMS },
  { id: 'lenient', signingSecret: `base64:${KEY.toString('base64')}`, claims: CLAIMS, canIgnore: true },
  { id: 'named', tokenName: 'Shop_Token', signingSecret: `base64:${KEY.toString('base64')}`, claims: CLAIMS },
  { id: 'sealed', encryptionSecret: `base64:${AES.toString('base64')}`, claims: CLAIMS },
  {
    id: 'guest',
    signingSecret: `base64:${randomBytes(64).toString('base64')}`,
    claims: [
      { name: 'sub', special: 'ORIGIN_ID' },
      { name: 'type', special: 'ORIGIN_TYPE' },
      { name: 'roles', value: ['visitor'], special: 'ROLES' },
    ],
  },
  { id: 'short', signingSecret: 'too short' },
  { id: 'unsigned' },
];
const paths = {
  '/open': { isPublic: true },
  '/any': {},
  '/admin': { methods: { GET: { roles: ['admin'] }, POST: { roles: ['admin', 'clerk'] } } },
  '/visitors': { methods: { '*': { roles: ['visitor', 'clerk'] } } },
};
let backend: TestBackend;
let gateway: TestGateway;

beforeAll(async () => {
  backend = await TestBackend.start();
  const channel = (id: string, more: Record<string, unknown>) => aChannel(id, backend.url, { paths, ...more });
  gateway = await TestGateway.start({
    components: {
      'all.json': {
        tokens,
        channels: [
          ...['user', 'lenient', 'named', 'sealed', 'short', 'unsigned'].map((id) => channel(id, { authToken: id })),
          channel('both', { authToken: 'user', anonymousToken: 'guest' }),
          channel('kind', { authToken: 'lenient', anonymousToken: 'guest' }),
          channel('crud', { authToken: 'user', executor: 'crud' }),
          channel('none', {}),
        ],
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
});

const aToken = (claims: Record<string, unknown> = {}, expiresIn = '1h', key: Uint8Array = KEY): Promise<string> =>
  new SignJWT({ sub: 'u7', type: 'user', sid: 's9', roles: ['clerk'], ...claims })
    .setProtectedHeader({ alg: 'HS512' })
    .setExpirationTime(expiresIn)
    .sign(key);
const path = (at: string): string => `/api/request/${at}`;
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const get = (at: string, headers: Record<string, string> = {}): Promise<CallAnswer> =>
  call(gateway.port, path(at), { headers });
const post = (at: string, body: unknown, headers: Record<string, string> = {}): Promise<CallAnswer> =>
  call(gateway.port, path(at), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const said = (answer: CallAnswer): unknown => [answer.status, answer.json<Partial<ErrorAnswer>>().error?.message];

describe('a path that is not public', () => {
  it('is 401 `missing token` without one', async () => {
    const answer = await get('user/any');
    expect([said(answer), answer.headers['www-authenticate']]).toEqual([[401, 'missing token'], 'Bearer']);
    expect(backend.seen).toEqual([]);
  });
  it.each(['/any', '/nowhere/said'])('takes every user where no roles are named (%s)', async (at) => {
    expect((await get(`user${at}`, bearer(await aToken({ roles: [] })))).status).toBe(200);
  });
  it.each([
    ['GET', ['clerk'], 403],
    ['GET', ['admin'], 200],
    ['POST', ['clerk'], 200],
    ['POST', [], 403],
    ['PUT', ['admin'], 405],
  ])('of roles by method: %s by %j is %i', async (method, roles, status) => {
    const headers = bearer(await aToken({ roles }));
    expect((await call(gateway.port, path('user/admin'), { method, headers })).status).toBe(status);
  });
  it('says why a role is missing', async () => {
    expect(said(await get('user/admin', bearer(await aToken())))).toEqual([403, 'no role for this path']);
  });
  it('is 401 for everybody where the channel has no token', async () => {
    expect(said(await get('none/any', bearer(await aToken())))).toEqual([401, 'missing token']);
  });
});

describe('a token', () => {
  it.each([
    ['Authorization: Bearer', (token: string) => bearer(token)],
    ['Authorization by its name', (token: string) => ({ authorization: `gateway_token ${token}` })],
    ['header Rierino-Auth', (token: string) => ({ 'Rierino-Auth.gateway_token': token })],
    ['header Sluice-Auth', (token: string) => ({ 'sluice-auth.GATEWAY_TOKEN': token })],
    ['a cookie', (token: string) => ({ cookie: `a=b; Rierino-Auth.gateway_token=${token}` })],
  ])('may come as %s', async (_, headers) => {
    expect((await get('user/any', headers(await aToken()))).status).toBe(200);
  });
  it('may have a name of its own', async () => {
    const token = await aToken();
    expect((await get('named/any', { 'rierino-auth.shop_token': token })).status).toBe(200);
    expect((await get('named/any', { 'rierino-auth.gateway_token': token })).status).toBe(401);
  });
  it('may stand in the body of a full call, and in no other', async () => {
    const auth = { gateway_token: await aToken() };
    expect((await post('full/user/any', { auth, payload: { a: 1 } })).status).toBe(200);
    expect((await post('user/any', { auth, payload: {} })).status).toBe(401);
    const text = Buffer.from(JSON.stringify({ auth, payload: { a: 1 } })).toString('base64');
    expect((await get(`full/e/user/any?data=${encodeURIComponent(text)}`)).status).toBe(200);
    expect(backend.lastEvent().payload.parameters).toEqual({ a: 1 });
  });
  it('may be encrypted', async () => {
    const token = await new EncryptJWT({ sub: 'u7', roles: ['clerk'] })
      .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM' })
      .setExpirationTime('1h')
      .encrypt(AES);
    expect((await get('sealed/any', bearer(token))).status).toBe(200);
    expect((await get('sealed/any', bearer(token))).status).toBe(200);
    expect(backend.lastEvent().requestMeta.origin).toMatchObject({ id: 'u7' });
  });
  it('is `expired token` past its end, and the leeway', async () => {
    expect(said(await get('user/any', bearer(await aToken({}, '-31s'))))).toEqual([401, 'expired token']);
    expect((await get('user/any', bearer(await aToken({}, '-10s')))).status).toBe(200);
  });
  it.each([
    ['is forged', () => aToken({}, '1h', randomBytes(64))],
    ['is cut off', async () => (await aToken()).slice(0, -3)],
    ['is none', async () => 'abc'],
    ['has no signature', async () => `${(await aToken()).split('.').slice(0, 2).join('.')}.`],
    ['is too long', async () => 'a'.repeat(9000)],
  ])('that %s is `invalid token`, on a public path too', async (_, make) => {
    const headers = bearer(await make());
    expect(said(await get('user/any', headers))).toEqual([401, 'invalid token']);
    expect(said(await get('user/open', headers))).toEqual([401, 'invalid token']);
    expect(backend.seen).toEqual([]);
  });
  it('that is bad does not matter with canIgnore, where the path is public', async () => {
    expect((await get('lenient/open', bearer('abc'))).status).toBe(200);
    expect(said(await get('lenient/any', bearer('abc')))).toEqual([401, 'missing token']);
  });
  it('has the reason of its refusal in the log, and itself nowhere', async () => {
    const token = await aToken({}, '1h', randomBytes(64));
    const { error } = (await get('user/any', bearer(token))).json<ErrorAnswer>();
    const line = () => gateway.requestLines().find(({ requestId }) => requestId === error.requestId);
    await gateway.until(() => line() !== undefined);
    expect(line()).toMatchObject({ error: 'TOKEN_INVALID', cause: expect.stringContaining('signature') });
    expect(gateway.output).not.toContain(token.slice(-20));
  });
  it('does not count where the channel has no token of its own', async () => {
    expect((await get('none/open', bearer('abc'))).status).toBe(200);
  });
});

describe('what the token says', () => {
  it('goes to the runner, over whatever the client says', async () => {
    const token = await aToken({ tenant: 't1', sub: 'u7' });
    const origin = Buffer.from('{"id":"root","type":"admin","lat":1}').toString('base64');
    await post(
      'user/any',
      { tenant: 'mine', user: { id: 'root' }, n: 1.1 },
      { ...bearer(token), 'rierino-origin': origin },
    );
    const { requestMeta, payload } = backend.lastEvent();
    expect(requestMeta).toMatchObject({
      ...{ sessionId: 's9', claims: { roles: ['clerk'], tenant: 't1' } },
      origin: { id: 'u7', type: 'user', lat: 1 },
    });
    expect(payload).toEqual({ parameters: { tenant: 't1', user: { id: 'root' }, n: 1.1 }, user: { id: 'u7' } });
    expect(requestMeta).not.toHaveProperty('auth');
  });
  it.each(['user/open', 'both/open'])(
    'is nothing without one, and the client’s word does not stand for it (%s)',
    async (at) => {
      await post(at, { tenant: 'mine', a: 1 });
      expect(backend.lastEvent().payload.parameters).toEqual({ a: 1 });
    },
  );
  it('goes to a crud runner in its metadata', async () => {
    backend.handler = (_request, response) => void response.end('{}');
    await get('crud/any', bearer(await aToken()));
    const meta = JSON.parse(
      Buffer.from(String(backend.seen.at(-1)!.headers.request_metadata), 'base64').toString(),
    ) as unknown;
    expect(meta).toMatchObject({ origin: { id: 'u7', type: 'user' }, claims: { roles: ['clerk'] }, sessionId: 's9' });
    expect(backend.seen.at(-1)!.headers).not.toHaveProperty('authorization');
    backend.handler = (request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(request.body);
  });
  it('names the user in the log', async () => {
    await get('user/any', bearer(await aToken({ sub: 'logged-user' })));
    await gateway.until(() =>
      gateway.requestLines().some(({ user, session }) => user === 'logged-user' && session === 's9'),
    );
  });
});

describe('a guest', () => {
  const tokenOf = (answer: CallAnswer): string => String(answer.headers['rierino-auth.gateway_token']);

  it('gets a token with its first call, and keeps its id with it', async () => {
    const first = await get('both/open');
    const { origin } = backend.lastEvent().requestMeta as { origin: { id: string; type: string } };
    expect([first.status, origin.type]).toEqual([200, 'anonymous']);
    const second = await get('both/open', bearer(tokenOf(first)));
    expect(second.headers).not.toHaveProperty('rierino-auth.gateway_token');
    expect((backend.lastEvent().requestMeta as { origin: unknown }).origin).toMatchObject({ id: origin.id });
  });
  it('is nobody who has logged in, and may go where its own role is named', async () => {
    const token = tokenOf(await get('both/open'));
    expect(said(await get('both/any', bearer(token)))).toEqual([401, 'missing token']);
    expect(said(await get('both/admin', bearer(token)))).toEqual([401, 'missing token']);
    expect((await get('both/visitors', bearer(token))).status).toBe(200);
  });
  it('gets a cookie where it asks for one, or sent one', async () => {
    const cookie = String((await get('both/open?cookie=true')).headers['set-cookie']);
    expect(cookie).toMatch(
      /^Rierino-Auth\.gateway_token=[\w.-]+; Max-Age=3600; Path=\/api; SameSite=Lax; HttpOnly; Secure$/,
    );
    expect((await get('both/open')).headers).not.toHaveProperty('set-cookie');
  });
  it('is no user, and a user no guest', async () => {
    expect((await get('both/any', bearer(await aToken()))).status).toBe(200);
    expect((await get('user/any', bearer(tokenOf(await get('both/open'))))).status).toBe(401);
  });
  it('is who comes with a bad token that may be ignored', async () => {
    const answer = await get('kind/visitors', bearer('abc'));
    expect([answer.status, tokenOf(answer)]).toEqual([200, expect.stringMatching(/^ey/)]);
  });
});

describe('a token record', () => {
  it.each([
    ['short', '/signingSecret'],
    ['unsigned', '/signingSecret'],
  ])('that cannot be used (%s) is a fault of its own, and its channel 17003', async (id, pointer) => {
    expect((await get(`${id}/any`)).json()).toMatchObject({ error: { code: 17003 } });
    const { faults } = await gateway.health();
    expect(faults.filter((fault) => fault.kind === 'token' && fault.id === id)).toMatchObject([
      { pointer, code: 17003 },
    ]);
  });
  it('that changes is in force for tokens that were good before', async () => {
    const token = await aToken({ iss: 'me' });
    expect((await get('user/any', bearer(token))).status).toBe(200);
    const changed = tokens.map((each) => (each.id === 'user' ? { ...each, issuer: 'you' } : each));
    gateway.write('more.json', { tokens: [] });
    gateway.write('changed.json', {
      tokens: [{ ...changed[0], id: 'other' }],
      channels: [aChannel('late', backend.url, { paths, authToken: 'other' })],
    });
    await gateway.until(async () => (await get('late/open')).status === 200);
    expect(said(await get('late/any', bearer(token)))).toEqual([401, 'invalid token']);
  });
});
