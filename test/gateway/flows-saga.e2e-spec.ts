import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sendJson, TestBackend } from '../support/backend.js';
import { aChannel } from '../support/channels.js';
import { bearer, claimsOf, IdentityWorld, said, tokensOf, WAYS } from '../support/identity-world.js';

let world: IdentityWorld;
let crud: TestBackend;
beforeAll(async () => {
  crud = await TestBackend.start();
  const closed = { paths: {} };
  world = await IdentityWorld.start({
    variants: {
      main: {},
      typed: { channel: { paths: { 'login/partner': {}, 'logout/partner': { isDisabled: true }, '*': {} } } },
      dark: { channel: { paths: { login: { isDisabled: true } } } },
    },
    channels: ({ backend }) => [
      aChannel('shop', backend.url, { ...closed, target: '/shop' }),
      aChannel('ruled', crud.url, { executor: 'crud', paths: { login: {} } }),
      aChannel('plain', crud.url, { executor: 'crud', paths: { '*': { isPublic: true } } }),
    ],
  });
}, 60_000);
afterAll(async () => {
  await world.close();
  await crud.close();
}, 60_000);
beforeEach(() => {
  world.reset();
  crud.seen.length = 0;
  crud.handler = (_, response) => sendJson(response, '{}');
});

interface SagaEvent {
  readonly requestMeta: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}
/** Answers `/login` with that, and keeps what it was sent. */
function sagaThat(answers: Record<string, unknown>): SagaEvent[] {
  const events: SagaEvent[] = [];
  world.saga = (_, event) => {
    events.push(event as unknown as SagaEvent);
    return answers;
  };
  return events;
}

describe.each(WAYS)('the saga of a flow, behind a provider over %s', (way) => {
  const at = `main_${way}`;

  it('may add to the user, the claims and the answer', async () => {
    sagaThat({ payload: { user: { roles: ['clerk', 'buyer'] }, basket: { items: 1.1 } } });
    const answer = await world.login(at);
    expect(answer.json()).toMatchObject({ user: { id: 'ada', roles: ['clerk', 'buyer'] }, basket: { items: 1.1 } });
    const { token } = tokensOf(answer);
    expect(claimsOf(token)).toMatchObject({ user_id: 'ada', roles: ['clerk', 'buyer'] });
    expect((await world.get(`${at}/admins`, bearer(token))).status).toBe(403);
  });
  it('is told who logs in and what the client sent, and no token or password', async () => {
    const events = sagaThat({ payload: {} });
    const headers = { 'Rierino-Auth.username': 'ada', 'Rierino-Auth.password': 'lovelace' };
    const body = { coupon: 'X1', user: { id: 'root' } };
    const { token } = tokensOf(await world.flow(`login/${at}`, { headers, body }));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      requestMeta: { channel: at, path: '/login', method: 'POST' },
      payload: { parameters: { coupon: 'X1' }, user: { id: 'ada', roles: ['admin', 'clerk'] } },
    });
    expect(events[0]!.requestMeta).not.toHaveProperty('auth');
    for (const secret of [token, 'lovelace', 'access_token', 'refresh_token'])
      expect(JSON.stringify(events)).not.toContain(secret);
  });
  it('that fails ends the login with its error, and no session begins', async () => {
    sagaThat({
      result: { status: 'ERROR', error: { code: 403, message: 'not in this shop', payload: { secret: 1 } } },
    });
    const answer = await world.login(at);
    expect(answer.json()).toEqual({
      error: { code: 403, message: 'not in this shop', requestId: expect.any(String) },
    });
    expect(answer.status).toBe(403);
    expect(world.calls.filter(({ path }) => path.startsWith('/session/'))).toEqual([]);
  });
  it.each([
    ['saga 3', { result: { error: { code: 3, message: 'no active saga for path' } } }],
    ['404', { result: { error: { code: 404, message: 'not found' } } }],
  ])('that is not there (%s) changes nothing', async (_, answers) => {
    const events = sagaThat(answers);
    expect((await world.login(at)).status).toBe(200);
    expect(events).toHaveLength(1);
  });
  it('runs with refresh, register, logout and delete too', async () => {
    const body = { username: `saga-${way}`, password: 'long enough' };
    const { token, refreshToken } = tokensOf(await world.flow(`register/${at}?thru=true`, { body }));
    const paths: unknown[] = [];
    world.saga = (path) => {
      paths.push(path);
      return { payload: { user: { roles: ['buyer'] }, seen: path } };
    };
    const refreshed = await world.flow(`refresh/${at}`, { body: { refresh_token: refreshToken } });
    expect(claimsOf(tokensOf(refreshed).token).roles).toEqual(['buyer']);
    const next = tokensOf(refreshed).token;
    expect((await world.flow(`logout/${at}`, { headers: bearer(token) })).json()).toMatchObject({ seen: '/logout' });
    expect((await world.flow(`delete/${at}`, { headers: bearer(next) })).json()).toMatchObject({ seen: '/delete' });
    expect(paths).toEqual(['/refresh', '/logout', '/delete']);
  });
  it('is that of the channel which is called like the type', async () => {
    await world.login(`${at}/shop`);
    expect(world.backend.seen.map(({ url }) => url)).toEqual(['/shop/login']);
  });
  it('is the channel’s own where none is called so, and at /{type} where a rule names it', async () => {
    const paths: string[] = [];
    world.saga = (path) => {
      paths.push(path);
      return null;
    };
    await world.login(`${at}/partner`);
    await world.login(`typed_${way}/partner`);
    const { token } = await world.tokens(`typed_${way}/other`);
    await world.flow(`logout/typed_${way}/partner`, { headers: bearer(token) });
    expect(paths).toEqual(['/login', '/login/partner', '/login']);
  });
  it('is not asked where its rule is disabled', async () => {
    const events = sagaThat({ payload: {} });
    expect((await world.login(`dark_${way}`)).status).toBe(200);
    expect(events).toEqual([]);
  });
  it('of a crud channel is asked only where a rule names it', async () => {
    crud.handler = (_, response) => sendJson(response, '{"user":{"roles":["clerk"]},"from":"crud"}');
    const ruled = await world.login(`${at}/ruled`);
    expect([ruled.json().from, claimsOf(tokensOf(ruled).token).roles]).toEqual(['crud', ['clerk']]);
    expect(crud.seen).toMatchObject([{ method: 'POST', url: '/api/login' }]);
    expect((await world.login(`${at}/plain`)).json()).not.toHaveProperty('from');
    expect(crud.seen).toHaveLength(1);
  });
  it('of a crud channel may be missing (404), or fail', async () => {
    crud.handler = (_, response) => sendJson(response, '{}', 404);
    expect((await world.login(`${at}/ruled`)).status).toBe(200);
    crud.handler = (_, response) => sendJson(response, '{"error":{"code":422,"message":"no"}}', 422);
    expect(said(await world.login(`${at}/ruled`))).toEqual([422, 'no']);
  });
  it('may ask for one more step', async () => {
    sagaThat({ payload: { stage: 'terms', skipToken: true, text: '…' } });
    const answer = await world.login(at);
    expect(answer.json()).toMatchObject({ stage: 'terms', text: '…' });
    expect(answer.text).not.toMatch(/user_token|skipToken/);
  });
});
