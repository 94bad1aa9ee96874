import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { said, tokensOf, bearer } from '../support/flow-answers.js';
import { CLIENT, type Told } from '../support/fake-provider.js';
import { anIssuerKey } from '../support/issuer-key.js';
import { until } from '../support/until.js';
import { OidcWorld } from '../support/oidc-world.js';

jest.setTimeout(60_000);

let world: OidcWorld;
beforeAll(async () => {
  world = await OidcWorld.start({
    providers: {
      pub: { clientSecret: null, redirectUris: null },
      mixed: { channel: 'sessions', urls: { logout: '/touch', custom: '/custom' } },
      groups: { rolesPath: 'userinfo.groups' },
    },
  });
});
afterAll(() => world.close());
beforeEach(() => world.reset());
afterEach(() => expect(world.provider.unplanned).toEqual([]));

const messages = (): string[] =>
  world.provider.seen.map(({ path, form }) => `${path} ${form['grant_type'] ?? ''}`.trim());
const roles = { roles: 'clerk' };

describe('a login at an OpenID Connect provider', () => {
  it('is one message, with the scope openid, and names the user, its roles and no token of the provider', async () => {
    world.provider.claims = { ...roles, email: 'ada@example.org', tenant: 9 };
    const answer = await world.login();
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({
      user: { id: 'ada', roles: ['clerk'], email: 'ada@example.org', tenant: 9 },
      ...{ user_token: expect.any(String), refresh_token: expect.any(String), expires_in: 3600 },
    });
    expect(messages()).toEqual(['/token password']);
    expect(world.provider.seen[0]!.form['scope']).toBe('openid');
    expect((await world.ask('clerks', tokensOf(answer).token)).status).toBe(200);
  });
  it('reads roles from userinfo where the record says so', async () => {
    const answer = await world.login('groups');
    expect(answer.json()).toMatchObject({ user: { roles: ['clerk'], email: 'ada@example.org' } });
    expect(messages()).toEqual(['/token password', '/userinfo']);
  });
  it('with an opaque access token goes by the id token, or by userinfo where there is none', async () => {
    world.provider.scripts.set('/token', async () => ({
      ...{
        access_token: 'opaque',
        token_type: 'bearer',
        id_token: await world.provider.idToken({ sub: 'ada', roles: ['x'] }),
      },
    }));
    expect((await world.login()).json()).toMatchObject({ user: { id: 'ada' } });
    world.provider.scripts.set('/token', () => ({ access_token: 'opaque', token_type: 'bearer' }));
    world.provider.scripts.set('/userinfo', () => ({ sub: 'bob' }));
    expect((await world.login()).json()).toMatchObject({ user: { id: 'bob' } });
  });
  it('of a machine is authenticated by what it brings', async () => {
    const body = { client_id: 'robot', client_secret: 'robot-secret-1' };
    expect((await world.flow('login/shop', body)).json()).toMatchObject({ user: { id: 'robot' } });
    expect(world.provider.seen[0]!.client).toBe('robot:robot-secret-1');
    expect(said(await world.flow('login/shop', { ...body, client_secret: 'bad' }))).toEqual([401, 'wrong credentials']);
  });
  it.each([[{}], [{ client_id: 'robot' }], [{ client_secret: 'x' }]])(
    'without credentials asks nobody: %j',
    async (body) => {
      expect((await world.flow('login/shop', body)).status).toBe(401);
      expect(messages()).toEqual([]);
    },
  );
});

describe('an access token that a client brings', () => {
  it.each<[string, object, number]>([
    ['aud names us', { aud: CLIENT.clientId }, 200],
    ['aud names us among others', { aud: ['account', CLIENT.clientId] }, 200],
    ['aud names another, whatever azp says', { aud: 'account', azp: CLIENT.clientId }, 401],
    ['aud is an empty list', { aud: [], azp: CLIENT.clientId }, 401],
    ['azp names us, without aud', { aud: undefined, azp: CLIENT.clientId }, 200],
    ['azp names another, without aud', { aud: undefined, azp: 'stranger' }, 401],
    ['neither is there', { aud: undefined }, 401],
    ['it is an id token', { at_hash: 'x' }, 401],
    ['it is a refresh token', { typ: 'Refresh' }, 401],
  ])('where %s', async (_what, claims, status) => {
    const access_token = await world.provider.accessToken({ sub: 'ada', ...claims });
    const answers = [await world.flow('login/shop', { access_token }), await world.flow('login/pub', { access_token })];
    const statuses = answers.map((answer) => answer.status);
    expect(statuses[0]).toBe(status);
    // Where nobody can be asked the keys decide: alike, but that they do not know what Keycloak calls its refresh tokens.
    expect(statuses[1]).toBe(status);
    expect(messages()).toEqual(['/introspection']);
  });
  it('is refused where it was revoked, and where it is no JWT and nobody can be asked', async () => {
    const access_token = await world.provider.accessToken({ sub: 'ada' });
    world.provider.revoke(access_token);
    expect(said(await world.flow('login/shop', { access_token }))).toEqual([401, 'wrong credentials']);
    expect(said(await world.flow('login/pub', { access_token: 'opaque' }))).toEqual([401, 'wrong credentials']);
    const other = await anIssuerKey().sign(world.provider.issuer.claims({ aud: CLIENT.clientId }));
    expect(said(await world.flow('login/pub', { access_token: other }))).toEqual([401, 'wrong credentials']);
  });
});

describe('the id token of a login', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['another audience', { aud: 'other' }],
    ['another party', { aud: [CLIENT.clientId, 'other'], azp: 'other' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['an end that has passed', { exp: 1 }],
    ['no end', { exp: undefined }],
  ])('with %s makes the answer unreadable', async (_what, claims) => {
    world.provider.idClaims = claims;
    expect((await world.login()).status).toBe(502);
  });
  it('counts with a signature by a key of the issuer alone', async () => {
    const key = anIssuerKey('ES256', { kid: world.provider.issuer.key.kid });
    world.provider.scripts.set('/token', async () => ({
      ...(await world.provider.tokens({ sub: 'ada' })),
      id_token: await key.sign(world.provider.issuer.claims({ aud: CLIENT.clientId })),
    }));
    expect((await world.login()).status).toBe(502);
    await world.logs('the id token is refused: signature');
  });
});

describe('what a provider answers', () => {
  const error = (status: number, code: string): Told => [
    status,
    { error: code, error_description: `about lovelace, ${CLIENT.clientSecret}` },
  ];
  it.each<[string, Told, number]>([
    ['invalid_grant', error(400, 'invalid_grant'), 401],
    ['invalid_grant with 401', error(401, 'invalid_grant'), 401],
    ['401 with any code', error(401, 'no_such_code'), 401],
    ['403', error(403, 'access_denied'), 401],
    ['401 without a body that says why', (response) => response.writeHead(401).end(), 401],
    [
      '401 with a challenge',
      (response) =>
        response
          .writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"', 'Content-Type': 'application/json' })
          .end('{"error":"invalid_grant"}'),
      401,
    ],
    ['that our client is bad', error(401, 'invalid_client'), 502],
    ['that our client may not', error(400, 'unauthorized_client'), 502],
    ['that the scope is bad', error(400, 'invalid_scope'), 502],
    ['500', error(500, 'server_error'), 502],
    ['503', [503, {}], 503],
    ['504', [504, {}], 504],
    ['429', [429, {}], 502],
    ['a redirect', (response) => response.writeHead(302, { Location: 'https://evil.example/' }).end(), 502],
    ['no JSON', (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('<html>'), 502],
    ['another type', (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'), 502],
    ['no token', { token_type: 'Bearer' }, 502],
    ['a token that is no text', { access_token: 7, token_type: 'Bearer' }, 502],
    ['a token that no header can carry', { access_token: 'a\nb', token_type: 'Bearer' }, 502],
    ['a type of token that nobody knows', { access_token: 'a', token_type: 'mac' }, 502],
    ['an id token that is none', { access_token: 'a', token_type: 'Bearer', id_token: 'x' }, 502],
    ['nothing', (response) => response.writeHead(200).end(), 502],
    [
      'half an answer',
      (response) => response.writeHead(200, { 'Content-Length': 99 }).write('{', () => response.destroy()),
      502,
    ],
    ['a broken connection', (response) => response.destroy(), 502],
    [
      'too much',
      (response) =>
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(`{"a":"${'x'.repeat(2_000_000)}"}`),
      502,
    ],
  ])('%s', async (_what, told, status) => {
    world.provider.scripts.set('/token', () => told);
    const answer = await world.login();
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/lovelace|secret/);
  });
  it('too late is 504 after provider.timeout', async () => {
    world.provider.scripts.set('/token', () => () => undefined);
    const startedAt = performance.now();
    expect((await world.login()).status).toBe(504);
    expect(performance.now() - startedAt).toBeLessThan(8000);
  });
  it('leaves no secret in the log', async () => {
    await world.logs('"status":504');
    expect(world.gateway.output).not.toMatch(/lovelace|gateway-secret|robot-secret|eyJ/);
  });
});

describe('a provider that is silent', () => {
  it('holds nothing up but the logins that ask it, and each of them no longer than provider.timeout', async () => {
    const { token } = tokensOf(await world.login());
    world.provider.scripts.set('/token', () => () => undefined);
    const startedAt = performance.now();
    const logins = Array.from({ length: 150 }, () => world.login());
    await until(() => world.provider.asked('/token').length > 60);
    expect((await world.ask('any', token)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(3900);
    expect(new Set((await Promise.all(logins)).map(({ status }) => status))).toEqual(new Set([504]));
    expect(performance.now() - startedAt).toBeLessThan(9000);
    world.provider.scripts.clear();
    expect((await world.login()).status).toBe(200);
    await until(async () => (await world.gateway.inFlight()) === 0);
  });
});

describe('a login that goes on', () => {
  it('is refreshed by the provider’s refresh token, which rotates', async () => {
    const first = tokensOf(await world.login());
    const answer = await world.flow('refresh/shop', { refresh_token: first.refreshToken });
    expect(answer.status).toBe(200);
    expect(messages()).toEqual(['/token password', '/token refresh_token']);
    expect(tokensOf(answer).refreshToken).not.toBe(first.refreshToken);
    expect(said(await world.flow('refresh/shop', { refresh_token: 'made up' }))).toEqual([401, 'invalid token']);
  });
  it('is verified by introspection each time, and by userinfo where there is none', async () => {
    const { token } = tokensOf(await world.login());
    expect([(await world.ask('verified', token)).status, (await world.ask('verified', token)).status]).toEqual([
      200, 200,
    ]);
    expect(world.provider.asked('/introspection')).toHaveLength(2);
    const carried = world.provider.asked('/introspection')[0]!.form['token']!;
    world.provider.revoke(carried);
    expect(said(await world.ask('verified', token))).toEqual([401, 'invalid token']);
    world.provider.scripts.set('/introspection', () => [503, {}]);
    expect((await world.ask('verified', token)).status).toBe(503);
    // A public client cannot introspect.
    world.provider.takesPublic = true;
    const ofPublic = tokensOf(await world.login('pub'));
    world.provider.scripts.delete('/introspection');
    world.provider.seen.length = 0;
    expect((await world.ask('verified', ofPublic.token, 'pub')).status).toBe(200);
    expect(messages()).toEqual(['/userinfo']);
    world.provider.revoke(world.provider.seen[0]!.client.slice('Bearer '.length));
    expect(said(await world.ask('verified', ofPublic.token, 'pub'))).toEqual([401, 'invalid token']);
    world.provider.scripts.set('/userinfo', () => ({ sub: 'somebody else' }));
    expect((await world.ask('verified', ofPublic.token, 'pub')).status).toBe(503);
  });
  it('is over at the provider with logout thru, by its refresh token', async () => {
    const { token, refreshToken } = tokensOf(await world.login());
    const answer = await world.flow('logout/shop?thru=true', {}, bearer(token));
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ logout_url: expect.stringContaining('/end_session?id_token_hint=') });
    expect(world.provider.asked('/revocation').map(({ form }) => form)).toEqual([
      { token: refreshToken, token_type_hint: 'refresh_token' },
    ]);
  });
  it('goes on at the channel for actions that have a URL there', async () => {
    const { token } = tokensOf(await world.login('mixed'));
    expect((await world.flow('logout/mixed?thru=true', {}, bearer(token))).status).toBe(200);
    expect(world.provider.asked('/revocation')).toEqual([]);
    expect(world.backend.seen.some(({ url }) => url === '/session/touch')).toBe(true);
  });
  it('takes custom actions to the channel, with the provider’s token and the whole body', async () => {
    const { token } = tokensOf(await world.login('mixed'));
    const answer = await world.flow('custom/mixed', { action: 'newCard', size: 3 }, bearer(token));
    expect(answer.status).toBe(200);
    const { requestMeta, payload } = world.backend.lastEvent();
    expect(payload.parameters).toEqual({ action: 'newCard', size: 3 });
    expect(requestMeta['auth']).toMatchObject({ action: 'newCard', size: 3, access_token: expect.any(String) });
    await world.flow('custom/mixed', { access_token: 'of somebody else' }, bearer(token));
    expect(world.backend.lastEvent().requestMeta['auth']).not.toMatchObject({ access_token: 'of somebody else' });
    expect(said(await world.flow('custom/mixed', {}))).toEqual([401, 'missing token']);
    expect(said(await world.flow('custom/mixed', {}, bearer(`${token}x`)))).toEqual([401, 'invalid token']);
  });
  it.each(['register', 'delete', 'custom'])('has no %s where the issuer is no Keycloak', async (action) => {
    const { token } = tokensOf(await world.login());
    const answer = await world.flow(`${action}/shop?thru=true`, { username: 'x', password: 'y' }, bearer(token));
    expect(answer.status).toBe(501);
  });
});
