import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendJson, type TestBackend } from '../support/backend.js';
import { call } from '../support/call.js';
import { aChannel } from '../support/channels.js';
import { basic, bearer, IdentityWorld, PASSWORDS } from '../support/identity-world.js';
import { OtlpCollector } from '../support/otlp-collector.js';
import { until } from '../support/until.js';

/** No span holds a secret, wherever clients, records and servers put it, and however the request ends. */
let collector: OtlpCollector;
let world: IdentityWorld;
const CONFIGURED = {
  header: 'configured-header',
  path: 'configured-path',
  cookie: 'configured-cookie',
  client: 'client-secret',
};

beforeAll(async () => {
  collector = await OtlpCollector.start();
  world = await IdentityWorld.start({
    settings: { 'telemetry.otlp.endpoint': collector.url },
    channels: ({ backend }) => [
      ...(['rpc', 'crud'] as const).map((executor) =>
        aChannel(`secret_${executor}`, `${backend.url}/${CONFIGURED.path}`, {
          executor,
          paths: { '*': { isPublic: true, retry: { retryCount: 1 } } },
          parameters: { 'server.header.X-Key': CONFIGURED.header, 'server.cookie.key': CONFIGURED.cookie },
        }),
      ),
      aChannel('credentials', backend.url, {
        parameters: { 'server.clientId': 'gateway', 'server.secret': CONFIGURED.client, 'server.tokenPath': '/token' },
      }),
    ],
  });
}, 60_000);
afterAll(async () => {
  await world.close();
  await collector.close();
}, 60_000);

/** All that was sent so far has been exported. */
async function exported(): Promise<string> {
  const before = collector.spans.length;
  await call(world.gateway.port, '/api/request/main_rpc/open', { headers: { 'User-Agent': 'the last' } });
  await until(() =>
    collector.spans.slice(before).some((span) => span.attributes['user_agent.original'] === 'the last'),
  );
  return collector.text;
}

describe('what is exported', () => {
  it('of logins, refreshes and logouts has no password and no token', async () => {
    const secrets: string[] = Object.values(PASSWORDS);
    for (const way of ['rpc', 'http']) {
      const { token, refreshToken: refresh } = await world.tokens(`main_${way}`);
      secrets.push(token, refresh);
      await world.flow(`login/main_${way}?password=in-the-query`, { body: { username: 'ada', password: 'lovelace' } });
      await world.login(`main_${way}`, 'ada', basic('ada', 'wrong-password'));
      await world.flow(`refresh/main_${way}?refresh_token=${refresh}`, { body: { refresh_token: refresh } });
      await world.get(`main_${way}/clerks?user_token=${token}`);
      await world.get(`main_${way}/clerks`, { cookie: `user_token=${token}` });
      await world.get(`main_${way}/clerks`, { 'X-Api-Key': 'an-api-key' });
      await world.get(`main_${way}/admins`, bearer(`${token}x`));
      await world.flow(`logout/main_${way}`, { headers: bearer(token) });
    }
    secrets.push('in-the-query', 'wrong-password', 'an-api-key', basic('ada', 'lovelace').authorization);
    const text = await exported();
    expect(collector.spans.length).toBeGreaterThan(10);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });
  it.each(['secret_rpc', 'secret_crud', 'credentials'])(
    'of calls of %s has nothing that its system keeps',
    async (channel) => {
      const ends: readonly TestBackend['handler'][] = [
        (request, response) => sendJson(response, request.body || '{}'),
        (_request, response) => sendJson(response, '{"token":"from-the-backend"}', 500),
        (_request, response) => void response.destroy(),
        (_request, response) => void response.writeHead(302, { location: '/?code=from-the-backend' }).end(),
      ];
      const { backend } = world;
      const { handler } = backend;
      for (const end of ends) {
        backend.handler = (request, response) =>
          request.url === '/token'
            ? sendJson(response, '{"access_token":"of-the-gateway","expires_in":60}')
            : end(request, response);
        for (const host of ['example', 'user:in-the-host@example'])
          await call(world.gateway.port, `/api/request/${channel}/x?key=in-the-query`, {
            headers: { host, referer: 'https://example/?code=in-the-referer' },
          });
      }
      backend.handler = handler;
      // They were used, or this would prove nothing.
      const used = JSON.stringify(backend.seen);
      expect(used.includes(channel === 'credentials' ? 'of-the-gateway' : CONFIGURED.header)).toBe(true);
      const text = await exported();
      const secrets = [
        ...Object.values(CONFIGURED),
        'in-the-query',
        'in-the-host',
        'in-the-referer',
        'from-the-backend',
      ];
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    },
  );
});
