import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { echoEvent, sendJson, TestBackend, type SeenRequest } from '../support/backend.js';
import { call, post, type CallAnswer } from '../support/call.js';
import { aChannel, type ChannelSetup } from '../support/channels.js';
import { FakeIssuer } from '../support/fake-issuer.js';
import { bearer, said } from '../support/flow-answers.js';
import { TestGateway } from '../support/gateway.js';
import { anIssuerKey, hmacToken, twinOf, unsigned } from '../support/issuer-key.js';

const SECRET = randomBytes(64);
const CLAIMS = [
  { name: 'sub', source: 'access.sub', special: 'ORIGIN_ID', element: 'user.id' },
  { name: 'type', value: 'employee', special: 'ORIGIN_TYPE' },
  { name: 'mail', source: 'access.email', metaElement: 'mail' },
  { name: 'tenant', source: 'access.tenant', element: 'parameters.tenant' },
];
const OWN_CLAIMS = [
  { name: 'sub', source: 'user.id', special: 'ORIGIN_ID', element: 'user.id' },
  { name: 'type', value: 'user', special: 'ORIGIN_TYPE' },
  { name: 'roles', source: 'user.roles', special: 'ROLES' },
];
const paths = {
  any: {},
  open: { isPublic: true },
  clerks: { methods: { '*': { roles: ['clerk'] } } },
  checked: { verifyAccessToken: true },
};
let issuer: FakeIssuer;
let backend: TestBackend;
/** Authentication and session server. */
let server: TestBackend;
let gateway: TestGateway;
let guarded: TestGateway;

function components(): Record<string, unknown> {
  const external = { issuer: issuer.issuer, audience: ['api', 'other-api'] };
  const signingSecret = `base64:${SECRET.toString('base64')}`;
  const guest = { signingSecret: `base64:${randomBytes(64).toString('base64')}`, tokenName: 'guest_token' };
  const provider = { channel: 'server', urls: { validate: '/validate', login: '/login', logout: '/logout' } };
  const tokens = [
    { id: 'alone', external: { ...external, claims: CLAIMS } },
    { id: 'beside', signingSecret, claims: OWN_CLAIMS, external, gracePeriod: 600, verifiable: true },
    { id: 'lenient', canIgnore: true, external },
    { id: 'checked', claims: OWN_CLAIMS, external, provider },
    { id: 'sitting', external, claims: OWN_CLAIMS, session: { channel: 'server', urls: { touch: '/touch' } } },
    { id: 'scopes', external: { ...external, rolesPath: 'access.scope', jwksUri: issuer.jwksUri, claims: CLAIMS } },
    { id: 'open_to_all', external: { ...external, audience: [] } },
    { id: 'guest', ...guest, claims: [{ name: 'id', special: 'ORIGIN_ID' }] },
  ];
  const channel = (id: string, more: ChannelSetup = {}) => aChannel(id, backend.url, { paths, authToken: id, ...more });
  const channels = [
    ...['alone', 'beside', 'checked', 'sitting', 'scopes', 'open_to_all'].map((id) => channel(id)),
    channel('lenient', { anonymousToken: 'guest' }),
    channel('guests', { authToken: 'beside', anonymousToken: 'alone' }),
    aChannel('server', server.url, { target: '/server', paths: {} }),
  ];
  return { 'all.json': { tokens, channels } };
}

beforeAll(async () => {
  [issuer, backend, server] = await Promise.all([
    FakeIssuer.start({ path: '/realms/main' }),
    TestBackend.start(),
    TestBackend.start(),
  ]);
  const csrf = { 'security.csrf.enabled': true };
  [gateway, guarded] = await Promise.all([
    TestGateway.start({ components: components() }),
    TestGateway.start({ components: components(), settings: csrf }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([gateway.stop(), guarded.stop()]);
  await Promise.all([issuer.stop(), backend.close(), server.close()]);
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  server.seen.length = 0;
  server.handler = echoEvent;
});

const ROLES = { realm_access: { roles: ['clerk'] } };
const token = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  issuer.token({ ...ROLES, ...claims }, header);
const get = (at: string, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> =>
  call(gateway.port, `/api/request/${at}`, { headers });
const withToken = async (at: string, claims: Record<string, unknown> = {}): Promise<CallAnswer> =>
  get(at, bearer(await token(claims)));
const flow = (at: string, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> =>
  post(gateway.port, `/api/auth/${at}`, '{}', headers);
const ownToken = (claims: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT({ sub: 'own', type: 'user', roles: ['clerk'], ...claims })
    .setProtectedHeader({ alg: 'HS512' })
    .setExpirationTime('1h')
    .sign(SECRET);

describe('a token of an external issuer', () => {
  it('lets its user in, by the claims that the record has for it', async () => {
    const claims = { email: 'ada@example.com', tenant: 'blue' };
    const answer = await post(
      gateway.port,
      '/api/request/alone/clerks',
      '{"tenant":"red","user":1}',
      bearer(await token(claims)),
    );
    expect(answer.status).toBe(200);
    const { requestMeta, payload } = backend.lastEvent();
    expect(requestMeta).toMatchObject({ origin: { id: 'ada', type: 'employee' }, claims: { mail: 'ada@example.com' } });
    expect(payload).toMatchObject({ user: { id: 'ada' }, parameters: { tenant: 'blue', user: 1 } });
    expect(JSON.stringify(backend.seen)).not.toContain('eyJ');
  });
  it("has the record's claims where external has none", async () => {
    expect((await withToken('beside/clerks')).status).toBe(200);
    expect(backend.lastEvent().requestMeta.origin).toMatchObject({ id: 'ada', type: 'user' });
  });
  it('has the roles that rolesPath names', async () => {
    expect(said(await withToken('alone/clerks', { realm_access: { roles: ['reader'] } }))).toEqual([
      403,
      'no role for this path',
    ]);
    expect((await withToken('scopes/clerks', { scope: 'read clerk' })).status).toBe(200);
    expect((await withToken('scopes/clerks', { scope: 'read' })).status).toBe(403);
  });
  it('comes wherever a gateway token may', async () => {
    const text = await token();
    for (const headers of [
      { 'Rierino-Auth.gateway_token': text },
      { authorization: `gateway_token ${text}` },
      { cookie: `Rierino-Auth.gateway_token=${text}` },
    ])
      expect((await get('alone/any', headers)).status).toBe(200);
    const full = JSON.stringify({ auth: { gateway_token: text }, payload: {} });
    expect((await post(gateway.port, '/api/request/full/alone/any', full)).status).toBe(200);
  });
  it('stands beside our own', async () => {
    expect((await get('beside/clerks', bearer(await ownToken()))).status).toBe(200);
    expect(backend.lastEvent().requestMeta.origin).toMatchObject({ id: 'own' });
    expect(said(await get('alone/clerks', bearer(await ownToken())))).toEqual([401, 'invalid token']);
  });
  it('has the session of its user', async () => {
    server.handler = (_, response) =>
      sendJson(response, JSON.stringify({ payload: { session: { id: 's-1', expire: Date.now() + 60_000 } } }));
    expect((await withToken('sitting/any')).status).toBe(200);
    expect(backend.lastEvent().requestMeta.sessionId).toBe('s-1');
    const touched = JSON.parse(server.seen[0]!.body) as { requestMeta: { origin: unknown } };
    expect(touched.requestMeta.origin).toMatchObject({ id: 'ada', type: 'user' });
  });
});

describe('a token of an external issuer is refused', () => {
  it('as expired, and so that a client can tell', async () => {
    const past = Math.floor(Date.now() / 1000) - 60;
    for (const channel of ['alone', 'beside']) {
      const answer = await withToken(`${channel}/any`, { exp: past });
      expect([said(answer), answer.headers['www-authenticate']]).toEqual([
        [401, 'expired token'],
        'Bearer error="invalid_token", error_description="expired token"',
      ]);
    }
  });
  it.each([
    ['another audience', { aud: 'third-api' }],
    ['no audience', { aud: undefined }],
    ['a start in the future', { nbf: 9_999_999_999 }],
    ['no end', { exp: undefined }],
    ['no user', { sub: undefined }],
    ['the type of an id token', { typ: 'ID' }],
    ['a key that it is bound to', { cnf: { jkt: 'x' } }],
  ])('as invalid with %s, on a public path too', async (_, claims) => {
    for (const at of ['alone/any', 'alone/open', 'beside/any'])
      expect([at, said(await withToken(at, claims))]).toEqual([at, [401, 'invalid token']]);
    expect(backend.seen).toEqual([]);
  });
  it('as invalid whoever signed it but its issuer, with whatever algorithm', async () => {
    const claims = { ...issuer.claims(ROLES), sub: 'root' };
    const { kid, publicPem, jwk } = issuer.key;
    const forged = [
      unsigned({ alg: 'none' }, claims),
      unsigned({ alg: 'none', kid }, claims),
      hmacToken({ alg: 'HS256', kid }, claims, publicPem),
      hmacToken({ alg: 'HS256', kid }, claims, JSON.stringify(jwk)),
      await anIssuerKey('ES256', { kid }).sign(claims),
      await anIssuerKey('ES256', { kid }).sign(claims, { jwk, jku: issuer.jwksUri }),
      await anIssuerKey('RS256', { kid }).sign(claims),
      // By the record's own secret: that is for tokens that do not say to be the issuer's.
      await ownToken({ iss: issuer.issuer, aud: 'api' }),
    ];
    for (const [index, text] of forged.entries())
      for (const channel of ['alone', 'beside'])
        expect([index, said(await get(`${channel}/any`, bearer(text)))]).toEqual([index, [401, 'invalid token']]);
    expect(backend.seen).toEqual([]);
  });
  it('is ignored with canIgnore: a guest comes', async () => {
    const answer = await withToken('lenient/open', { aud: 'third-api' });
    expect([answer.status, typeof answer.headers['rierino-auth.guest_token']]).toEqual([200, 'string']);
    expect(said(await withToken('lenient/any', { aud: 'third-api' }))).toEqual([401, 'missing token']);
  });
  it('says why in the log, and nothing of itself', async () => {
    const text = await token({ aud: 'third-api', sub: 'somebody-secret' });
    expect((await get('alone/any', bearer(text))).status).toBe(401);
    await gateway.until(() => /the token is refused: audience/.test(gateway.output));
    expect(gateway.output).not.toContain(text.split('.')[2]);
    expect(gateway.output).not.toContain('somebody-secret');
  });
});

describe('the flows of a token of an external issuer', () => {
  it('log it out: nobody comes with it any more, in neither of its spellings', async () => {
    const text = await token({ jti: 'leaving' });
    const twin = twinOf(text);
    for (const each of [text, twin, text, twin, text, twin])
      expect((await get('alone/any', bearer(each))).status).toBe(200);
    expect((await flow('logout/alone', bearer(twin))).status).toBe(200);
    for (const each of [text, twin]) expect(said(await get('alone/any', bearer(each)))).toEqual([401, 'invalid token']);
    expect((await withToken('alone/any', { jti: 'staying' })).status).toBe(200);
  }, 60_000);
  it('tell the server with thru', async () => {
    const text = await token({ jti: 'thru' });
    expect((await flow('logout/checked?thru=true', bearer(text))).status).toBe(200);
    expect(askedWith('/logout')).toEqual([{ access_token: text }]);
  }, 60_000);
  it('do not refresh it, and issue nothing where the record has no secret', async () => {
    expect(said(await flow('refresh/beside', bearer(await token())))).toEqual([401, 'invalid token']);
    expect((await flow('refresh/alone', bearer(await token()))).status).toBe(501);
    expect((await flow('login/checked', { authorization: `Basic ${btoa('ada:x')}` })).status).toBe(501);
    expect(server.seen).toEqual([]);
  }, 60_000);
});

function askedWith(url: string): unknown[] {
  const isMeant = (request: SeenRequest): boolean => request.url === `/server${url}`;
  return server.seen
    .filter(isMeant)
    .map(({ body }) => (JSON.parse(body) as { requestMeta: { auth: unknown } }).requestMeta.auth);
}

describe('a path with verifyAccessToken', () => {
  it('asks the provider about the token itself, each time', async () => {
    server.handler = (_, response) => sendJson(response, '{"payload":{"user":{"id":"ada"}}}');
    const text = await token({ jti: 'asked' });
    for (const _ of [1, 2, 3]) expect((await get('checked/checked', bearer(text))).status).toBe(200);
    expect(askedWith('/validate')).toEqual(Array.from({ length: 3 }, () => ({ access_token: text })));
    server.handler = (_, response) => sendJson(response, '{"payload":{"user":{"id":"bob"}}}');
    expect(said(await get('checked/checked', bearer(text)))).toEqual([401, 'invalid token']);
    server.handler = (_, response) => sendJson(response, '{"error":{"code":10125,"status":401}}', 401);
    expect(said(await get('checked/checked', bearer(text)))).toEqual([401, 'invalid token']);
  });
  it('is 503 where there is no provider to ask', async () => {
    const answer = await withToken('alone/checked');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
  });
});

describe('a token of an external issuer in a cookie, with security.csrf.enabled', () => {
  const send = (at: string, method: string, headers: OutgoingHttpHeaders): Promise<CallAnswer> =>
    call(guarded.port, `/api/request/${at}`, { method, headers });
  it('changes something only with its CSRF token', async () => {
    const cookie = `Rierino-Auth.gateway_token=${await token()}`;
    const read = await send('beside/any', 'GET', { cookie });
    const csrf = String(read.headers['x-csrf-token']);
    expect([read.status, csrf]).toEqual([200, expect.stringMatching(/^[\w-]{43}$/)]);
    expect((await send('beside/any', 'POST', { cookie })).status).toBe(403);
    expect((await send('beside/any', 'POST', { cookie, 'x-xsrf-token': csrf })).status).toBe(200);
  });
  it('changes nothing where the record has no secret to make one by', async () => {
    const cookie = `Rierino-Auth.gateway_token=${await token()}`;
    expect((await send('alone/any', 'GET', { cookie })).status).toBe(200);
    expect((await send('alone/any', 'POST', { cookie })).status).toBe(403);
    expect((await send('alone/any', 'POST', bearer(await token()))).status).toBe(200);
    const logout = await post(guarded.port, '/api/auth/logout/alone', '{}', { cookie });
    expect(logout.status).toBe(403);
  });
});

describe('records with an external issuer', () => {
  it('are at fault without an audience, and their channels are out', async () => {
    expect((await withToken('open_to_all/any')).status).toBe(500);
    const { faults } = await gateway.health();
    expect(faults).toContainEqual(
      expect.objectContaining({ kind: 'token', id: 'open_to_all', pointer: '/external/audience', severity: 'fault' }),
    );
  });
  it('make no guests without a secret', async () => {
    expect((await get('guests/open')).status).toBe(500);
    const { faults } = await gateway.health();
    expect(faults).toContainEqual(expect.objectContaining({ id: 'guests', pointer: '/anonymousToken' }));
  });
  it('have a warning where a path asks a provider that none names', async () => {
    const { faults } = await gateway.health();
    expect(faults).toContainEqual(
      expect.objectContaining({ id: 'alone', message: expect.stringContaining('names no provider to verify at') }),
    );
    expect(faults.filter(({ id }) => id === 'checked')).toEqual([]);
  });
  it('hold from the next request on when they change', async () => {
    const text = await token({ jti: 'known', aud: 'other-api' });
    for (const _ of [1, 2, 3]) expect((await get('alone/any', bearer(text))).status).toBe(200);
    const changed = JSON.parse(JSON.stringify(components())) as { 'all.json': { tokens: { external: unknown }[] } };
    changed['all.json'].tokens[0]!.external = { issuer: issuer.issuer, audience: ['api'], claims: CLAIMS };
    gateway.write('all.json', changed['all.json']);
    await gateway.until(async () => (await get('alone/any', bearer(text))).status === 401);
    expect((await withToken('alone/any')).status).toBe(200);
  });
});
