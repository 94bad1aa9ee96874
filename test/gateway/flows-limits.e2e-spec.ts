import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call, type ErrorAnswer } from '../support/call.js';
import { basic, bearer, IdentityWorld } from '../support/identity-world.js';

const LIMIT = 8;
let limited: IdentityWorld;
let off: IdentityWorld;
beforeAll(async () => {
  [limited, off] = await Promise.all([
    IdentityWorld.start({ settings: { 'throttle.auth.limit': LIMIT, 'server.trustProxy': '127.0.0.1' } }),
    IdentityWorld.start({ settings: { 'auth.controller.enabled': false } }),
  ]);
}, 60_000);
afterAll(() => Promise.all([limited.close(), off.close()]), 60_000);
beforeEach(() => limited.reset());

/** Each test is an address of its own. */
const from = (address: string) => ({ ...basic('ada', 'lovelace'), 'X-Forwarded-For': address });
const loginFrom = (address: string) => limited.flow('login/main_rpc', { headers: from(address) });
async function spend(address: string): Promise<number[]> {
  const statuses = [];
  for (let index = 0; index < LIMIT; index++) statuses.push((await loginFrom(address)).status);
  return statuses;
}

describe('throttle.auth.limit', () => {
  it('lets that many calls of an address through in a minute, then 429 with Retry-After and our body', async () => {
    expect(await spend('192.0.2.1')).toEqual(Array<number>(LIMIT).fill(200));
    limited.calls.length = 0;
    const answer = await loginFrom('192.0.2.1');
    const { error } = answer.json<ErrorAnswer>();
    expect([answer.status, error]).toEqual([
      429,
      { code: 429, message: expect.any(String), requestId: expect.stringMatching(/^default-/) },
    ]);
    const seconds = Number(answer.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(limited.calls).toEqual([]);
    const line = () => limited.gateway.requestLines().find((each) => each.requestId === error.requestId);
    await limited.gateway.until(() => line() !== undefined);
    expect(line()).toMatchObject({
      ...{ error: 'TOO_MANY_CALLS', status: 429 },
      limit: { rule: 'auth', scope: 'address', most: LIMIT, periodMs: 60_000 },
    });
  });
  it('counts each address by itself', async () => {
    await spend('192.0.2.2');
    expect([(await loginFrom('192.0.2.2')).status, (await loginFrom('192.0.2.3')).status]).toEqual([429, 200]);
  });
  it('counts all flows and paths of the controller, those that are not there too', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.4' };
    for (const at of ['login/main_rpc', 'refresh/main_http', 'logout/main_rpc', 'none', 'login/none', 'a/b/c/d'])
      await limited.flow(at, { headers });
    for (const method of ['GET', 'PUT'])
      await call(limited.gateway.port, '/api/auth/login/main_rpc', { method, headers });
    expect((await loginFrom('192.0.2.4')).status).toBe(429);
  });
  it('does not count calls of channels, nor OPTIONS', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.5' };
    for (let index = 0; index <= LIMIT; index++) {
      await limited.get('main_rpc/open', headers);
      await call(limited.gateway.port, '/api/auth/login/main_rpc', { method: 'OPTIONS', headers });
    }
    expect((await loginFrom('192.0.2.5')).status).toBe(200);
  });
  it('is seen in log and metrics', async () => {
    await spend('192.0.2.6');
    const { error } = (await loginFrom('192.0.2.6')).json<ErrorAnswer>();
    const line = () => limited.gateway.requestLines().find(({ requestId }) => requestId === error.requestId);
    await limited.gateway.until(() => line() !== undefined);
    expect(line()).toMatchObject({ status: 429, error: 'TOO_MANY_CALLS' });
  });
});

describe('auth.controller.enabled=false', () => {
  it.each(['login/main_rpc', 'refresh/main_http', 'login', ''])(
    'is as if the family were not there: %s',
    async (at) => {
      const answer = await off.flow(at, { headers: basic('ada', 'lovelace') });
      expect([answer.status, answer.json()]).toMatchObject([404, { error: { code: 404 } }]);
      expect(off.calls).toEqual([]);
    },
  );
  it('changes nothing for calls', async () => {
    expect((await off.get('main_rpc/open')).status).toBe(200);
    expect((await off.get('main_rpc/any', bearer('abc'))).status).toBe(401);
  });
});
