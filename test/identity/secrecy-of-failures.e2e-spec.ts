import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { request } from 'node:http';
import * as kit from '../support/identity-records.js';
import { SecrecyWorld } from './secrecy-world.js';

// The first login opens the embedded database.
jest.setTimeout(30_000);

const world = new SecrecyWorld();
beforeAll(() => world.start(), 60_000);
afterAll(() => world.close(), 60_000);

const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } };
describe('nothing secret is told by a failing authentication server', () => {
  it.each(['garbage', 'html', 'error', 'reset'] as const)('that answers %s', async (answer) => {
    const { gateway_token, refresh_token } = await world.loginOfAda();
    const actions = ['login', 'register', 'refresh', 'logout', 'delete', 'resolveKey', 'touch', 'extendList', 'expire'];
    for (const action of actions) world.identity.setFault(action, { answer });
    expect((await world.flow('login/shop', {}, world.basic('ada', world.password))).status).toBe(502);
    expect((await world.flow('login/plain', {}, world.basic('ada', world.password))).status).toBe(502);
    const eve = { username: 'eve', password: world.secret('registered') };
    expect((await world.flow('register/shop?thru=true', eve)).status).toBe(502);
    expect((await world.flow('refresh/shop', { refresh_token })).status).toBe(502);
    expect((await world.ask('shop/any', { 'x-api-key': world.secret('some-key') })).status).toBe(502);
    expect((await world.flow('logout/shop?thru=true', { refresh_token }, kit.bearer(gateway_token))).status).toBe(502);
    for (const action of actions) world.identity.setFault(action, null);
    await world.expectNothingTold();
  });
  it('that is silent until the client goes', async () => {
    world.identity.setFault('login', { answer: 'hang' });
    const sent = request({ host: '127.0.0.1', port: world.gateway.port, path: '/api/auth/login/shop', ...JSON_POST });
    sent.on('error', () => undefined);
    sent.end(JSON.stringify({ username: 'ada', password: world.password }));
    await world.gateway.until(async () => (await world.gateway.inFlight()) === 1);
    sent.destroy();
    await world.gateway.until(async () => (await world.gateway.inFlight()) === 0);
    world.identity.setFault('login', null);
    await world.expectNothingTold();
  });
  it.each(['html', 'garbage', 'broken', 'plain', '401', '403', '400', '409', '500', '503', '10125'])(
    'that repeats what it was sent (%s)',
    async (username) => {
      const body = {
        username,
        password: `${world.secret('repeated')}"${world.secret('behind-a-quote')}`,
        hint: world.secret('hint'),
      };
      const answer = await world.flow('login/talkative', body);
      expect(answer.status).toBeGreaterThanOrEqual(401);
      await world.expectNothingTold();
    },
  );
  it.each(['error', 'html'])(
    'or by a channel’s own part in a flow that repeats what it was sent (%s)',
    async (stage) => {
      const body = { username: 'ada', password: world.password, stage, hint: world.secret('saga-hint') };
      expect((await world.flow('login/saga', body)).status).toBeGreaterThanOrEqual(400);
      await world.expectNothingTold();
    },
  );
});
