import { describe, expect, it } from '@jest/globals';
import { sendJson } from '../support/backend.js';
import type { CallAnswer, ErrorAnswer } from '../support/call.js';
import { bearer, worldOfTests, providerOver, SECRET, WAYS, type Tokens } from '../support/identity-world.js';

const FAULTS = ['hang', 'garbage', 'html', 'error', 'reset'] as const;
const CODES = { hang: [504, 504], garbage: [502, 17011], html: [502, 17011], error: [502, 502], reset: [502, 502] };
const world = worldOfTests({
  settings: { 'log.level': 'trace' },
  variants: {
    main: { token: (way) => ({ provider: providerOver(`auth_${way}`, { timeout: 250 }) }) },
    told: { token: (way) => ({ provider: providerOver(`scripted_${way}`, { timeout: 250 }) }) },
  },
});

const seen: string[] = [];
/** A user with a name of its own is made for each flow; what is secret of it is looked for in the end. */
async function someone(at: string): Promise<Tokens> {
  const tokens = await world.tokens(at);
  seen.push(tokens.token.split('.')[2]!, tokens.refreshToken.split('.')[1]!);
  return tokens;
}
type Flow = (at: string, tokens: Tokens) => Promise<CallAnswer>;
const FLOWS: readonly (readonly [string, string, Flow])[] = [
  ['login', 'login', (at) => world.login(at)],
  ['login', 'resolve', (at) => world.login(at)],
  ['login by access token', 'resolve', (at) => world.flow(`login/${at}`, { body: { access_token: 'a.b.c' } })],
  [
    'register',
    'register',
    (at) => world.flow(`register/${at}?thru=true`, { body: { username: 'x', password: 'not-yet-known' } }),
  ],
  [
    'refresh',
    'refresh',
    (at, { refreshToken }) => world.flow(`refresh/${at}`, { body: { refresh_token: refreshToken } }),
  ],
  ['refresh by token', 'refresh', (at, { token }) => world.flow(`refresh/${at}`, { headers: bearer(token) })],
  ['logout', 'logout', (at, { token }) => world.flow(`logout/${at}?thru=true`, { headers: bearer(token) })],
  ['delete', 'delete', (at, { token }) => world.flow(`delete/${at}?thru=true`, { headers: bearer(token) })],
];

describe.each(WAYS)('a provider that fails over %s', (way) => {
  const at = `main_${way}`;

  describe.each(FLOWS)('during %s (%s)', (_flow, action, run) => {
    it.each(FAULTS)('by %s is an error of the server, without a word of its own', async (answer) => {
      const tokens = await someone(at);
      world.server.setFault(action, { answer });
      const failed = await run(at, tokens);
      const { error } = failed.json<ErrorAnswer>();
      expect([failed.status, error.code]).toEqual(CODES[answer]);
      expect(Object.keys(error).sort()).toEqual(['code', 'message', 'requestId']);
      expect(failed.text).not.toMatch(/identity server|html|Log in|127\.0\.0\.1|\/auth\/|access_token/i);
      expect(failed.headers).not.toHaveProperty('set-cookie');
    });
  });
  it.each([
    [503, 503],
    [504, 504],
    [500, 502],
    [404, 502],
    [400, 502],
    [429, 502],
  ])('with status %i is %i', async (status, shown) => {
    world.scripted.handler = (_, response) => sendJson(response, '{"error":{"code":1,"message":"inner word"}}', status);
    const answer = await world.login(`told_${way}`);
    expect(answer.status).toBe(shown);
    expect(answer.text).not.toContain('inner word');
  });
  it.each([401, 403])('with status %i means bad credentials', async (status) => {
    world.scripted.handler = (_, response) => sendJson(response, '{}', status);
    const answer = await world.login(`told_${way}`);
    expect([answer.status, answer.json<ErrorAnswer>().error.message]).toEqual([401, 'wrong credentials']);
  });
  it('by saying yes to nobody lets nobody in', async () => {
    for (const payload of [{}, { token: {} }, { user: 'ada' }, { ok: true }]) {
      world.scripted.handler = (_, response) => sendJson(response, JSON.stringify({ payload }));
      expect((await world.login(`told_${way}`)).status).toBe(502);
    }
  });
  it('by sending back what it was sent lets nobody in', async () => {
    world.scripted.handler = (request, response) => sendJson(response, request.body);
    const body = { access_token: 'x', user: { id: 'root', roles: ['admin'] }, token: { access_token: 'y' } };
    for (const at of [`login/told_${way}`, `login/told_${way}?thru=true`, `register/told_${way}?thru=true`]) {
      const answer = await world.flow(at, { body, headers: { 'Rierino-Auth.username': 'ada' } });
      expect([at, answer.text.includes('user_token')]).toEqual([at, false]);
    }
  });
  it.each([
    ['no word of whose it is', { payload: {} }],
    ['an introspection', { active: false, sub: 'ada' }],
    ['a metadata alone', { requestMeta: {} }],
  ])('by a good answer with %s lets nobody in by an access token', async (_, answer) => {
    world.scripted.handler = (_request, response) => sendJson(response, JSON.stringify(answer));
    const claims = Buffer.from('{"sub":"root","email":"root@example.com"}').toString('base64url');
    const failed = await world.flow(`login/told_${way}`, { body: { access_token: `e30.${claims}.e30` } });
    expect(failed.status).toBe(502);
    expect(failed.text).not.toContain('root');
  });
  it('by tokens that say nothing of whose they are lets nobody in', async () => {
    world.scripted.handler = (_, response) => sendJson(response, '{"payload":{"token":{"access_token":"opaque"}}}');
    expect((await world.login(`told_${way}`)).status).toBe(502);
  });
  it('for one is well for the next', async () => {
    world.server.setFault('login', { answer: 'reset' });
    expect((await world.login(at)).status).toBe(502);
    world.server.setFault('login', null);
    expect((await world.login(at)).status).toBe(200);
  });
});

describe('all that the gateway printed, at trace level', () => {
  it('holds no password, token or secret', async () => {
    const before = world.gateway.requestLines().length;
    await world.get('main_rpc/open');
    await world.gateway.until(() => world.gateway.requestLines().length > before);
    expect(seen.length).toBeGreaterThan(100);
    for (const secret of ['lovelace', 'not-yet-known', SECRET.toString('base64'), ...seen])
      expect(world.gateway.output).not.toContain(secret);
  });
});
