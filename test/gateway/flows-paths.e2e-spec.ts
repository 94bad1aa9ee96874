import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sendJson } from '../support/backend.js';
import type { ErrorAnswer } from '../support/call.js';
import { basic, claimsOf, IdentityWorld, providerOver, said, tokensOf, WAYS } from '../support/identity-world.js';

const urls = { login: '/{type}/login?rolesInID=true', resolve: null };
let world: IdentityWorld;
let mainOnly: IdentityWorld;
beforeAll(async () => {
  [world, mainOnly] = await Promise.all([
    IdentityWorld.start({
      variants: {
        main: {},
        typed: { token: (way) => ({ provider: providerOver(`scripted_${way}`, {}, urls) }) },
        untyped: {
          token: (way) => ({
            provider: providerOver(`scripted_${way}`, {}, urls),
            claims: [{ name: 'sub', source: 'user.id', special: 'ORIGIN_ID' }],
          }),
        },
      },
    }),
    IdentityWorld.start({ settings: { 'gateway.allowBranch': false } }),
  ]);
}, 60_000);
afterAll(() => Promise.all([world.close(), mainOnly.close()]), 60_000);
beforeEach(() => {
  world.reset();
  world.scripted.handler = (_, response) => sendJson(response, ZOE);
});

const ZOE = JSON.stringify({ payload: { token: { access_token: 'opaque' }, user: { id: 'zoe', roles: ['clerk'] } } });
interface Sent {
  readonly requestMeta: Record<string, unknown>;
  readonly eventMeta: Record<string, unknown>;
}
const login = (at: string, headers = {}) =>
  world.flow(`login/${at}`, { headers: { ...basic('ada', 'lovelace'), ...headers } });

describe.each(WAYS)('the {type} of a provider’s URL over %s', (way) => {
  const urlOf = async (at: string) => {
    const { status } = await login(at);
    return [status, world.scripted.seen.at(-1)?.url.replace(/\?.*/, '')];
  };

  it('is that of the path', async () => {
    expect(await urlOf(`typed_${way}/partner`)).toEqual([200, '/auth/partner/login']);
  });
  it('is else the token’s ORIGIN_TYPE', async () => {
    expect(await urlOf(`typed_${way}`)).toEqual([200, '/auth/user/login']);
  });
  it.each([
    ['a%20b', '/auth/a%20b/login'],
    ['a%3Fb', '/auth/a%3Fb/login'],
    ['a%23b', '/auth/a%23b/login'],
    ['a%26b', '/auth/a%26b/login'],
  ])('stays one segment: %s', async (type, url) => {
    expect(await urlOf(`typed_${way}/${type}`)).toEqual([200, url]);
  });
  it.each(['..', '%2e%2e', 'a%2Fb', 'a%5Cb', 'a%00'])('is no way out: %s', async (type) => {
    expect((await login(`typed_${way}/${type}`)).status).toBe(400);
    expect(world.scripted.seen).toEqual([]);
  });
  it('that nobody names is 501, since the URL cannot be filled', async () => {
    expect(said(await login(`untyped_${way}`))).toEqual([501, expect.any(String)]);
    expect(await urlOf(`untyped_${way}/x`)).toEqual([200, '/auth/x/login']);
  });
});

describe('what goes to a provider', () => {
  const event = (): Sent => JSON.parse(world.scripted.seen.at(-1)!.body) as Sent;

  it('has the settings of its URL, which nothing of the client’s stands for', async () => {
    const headers = { 'Rierino-Auth.rolesInID': 'false', 'Rierino-Auth.noTokens': 'true' };
    await world.flow('login/typed_rpc?noTokens=true', {
      headers,
      body: { eventMeta: { parameters: { noTokens: 'true' } } },
    });
    expect(event().eventMeta.parameters).toEqual({ rolesInID: 'true' });
    expect(event().requestMeta.auth).toMatchObject({ rolesinid: 'false', notokens: 'true' });
  });
  it('is over plain HTTP the metadata alone, its credentials nowhere else', async () => {
    await login('typed_http', { 'X-Secret': 'of-the-client' });
    const { body, url, headers } = world.scripted.seen.at(-1)!;
    expect(JSON.parse(body)).toMatchObject({ auth: { username: 'ada', password: 'lovelace' }, method: 'POST' });
    expect(JSON.stringify([url, headers])).not.toMatch(/lovelace|YWRhOmxvdmVsYWNl|of-the-client/i);
  });
  it('has the origin as the gateway knows it', async () => {
    const origin = Buffer.from('{"id":"root","type":"admin","lat":1}').toString('base64');
    await login('typed_rpc', { 'Rierino-Origin': origin, 'user-agent': 'test' });
    expect(event().requestMeta.origin).toEqual({ ip: '127.0.0.1', agent: 'test', lat: 1 });
  });
  it('has no gateway token, and no guest’s', async () => {
    const { token } = await world.tokens('main_rpc');
    await login('typed_rpc', { 'Rierino-Auth.user_token': token });
    expect(event().requestMeta.auth).toEqual({ username: 'ada', password: 'lovelace' });
  });
});

describe('the branch of a flow', () => {
  const branch = (): unknown => (JSON.parse(world.scripted.seen.at(-1)!.body) as Sent).requestMeta.branch;

  it('is the channel’s, else that of the header, else main', async () => {
    const seen = [];
    for (const [at, headers] of [
      ['typed_rpc@dev', { 'X-Branch': 'other' }],
      ['typed_rpc', { 'X-Branch': 'other' }],
      ['typed_rpc', {}],
    ] as const) {
      expect((await login(at, headers)).status).toBe(200);
      seen.push(branch());
    }
    expect(seen).toEqual(['dev', 'other', 'main']);
  });
  it('is 400 where it can be none, and 403 where the gateway allows main alone', async () => {
    expect((await login('typed_rpc@a b'.replace(' ', '%20'))).status).toBe(400);
    expect((await mainOnly.login('main_rpc@dev')).status).toBe(403);
    expect((await mainOnly.login('main_rpc@main')).status).toBe(200);
  });
});

describe('a user who is more than a token holds', () => {
  it('gets none, and the log says why', async () => {
    const roles = Array.from({ length: 1000 }, (_, index) => `role-number-${index}`);
    const user = { id: 'zoe', roles };
    world.scripted.handler = (_, response) =>
      sendJson(response, JSON.stringify({ payload: { token: { access_token: 'opaque' }, user } }));
    const answer = await login('typed_rpc');
    const { error } = answer.json<ErrorAnswer>();
    expect([answer.status, error.code]).toEqual([500, 500]);
    const line = () => world.gateway.requestLines().find(({ requestId }) => requestId === error.requestId);
    await world.gateway.until(() => line() !== undefined);
    expect(String(line()!.cause)).toMatch(/token.*long|long.*token/i);
  });
});

it('claims that are not of their class are left out, and the login goes on', async () => {
  world.scripted.handler = (_, response) =>
    sendJson(response, '{"payload":{"token":{"access_token":"opaque"},"user":{"id":"zoe","roles":7}}}');
  const answer = await login('typed_rpc');
  expect([answer.status, claimsOf(tokensOf(answer).token).roles]).toEqual([200, ['7']]);
});
