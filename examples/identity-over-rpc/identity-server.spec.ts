import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askEvent, askPlain } from './ask.js';
import { IdentityServer, type SeenCall } from './identity-server.js';

let server: IdentityServer;
let seen: SeenCall[];
beforeEach(async () => {
  seen = [];
  server = await IdentityServer.start({ faults: { resolve: { answer: 'error' } }, onCall: (call) => seen.push(call) });
});
afterEach(() => server.close());

const post = async (path: string, signal?: AbortSignal) => {
  const response = await fetch(`${server.baseUrl}${path}`, { method: 'POST', body: '{}', signal: signal ?? null });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
};
const auth = { username: 'ada', password: 'lovelace' };

describe('an action with a fault', () => {
  it('fails with HTTP 500 and no event, both ways, until it is well again', async () => {
    for (const path of ['/auth/user/resolve', '/http/auth/user/resolve'])
      expect(await post(path)).toMatchObject({ status: 500, text: expect.not.stringContaining('payload') });
    server.setFault('resolve', null);
    expect((await askEvent(server.baseUrl, '/auth/user/resolve')).error).toMatchObject({ code: 10123 });
  });

  it('answers garbage or a page', async () => {
    server.setFault('login', { answer: 'garbage' });
    const garbage = await post('/auth/user/login');
    expect(garbage).toMatchObject({ status: 200, type: 'application/json' });
    expect(() => JSON.parse(garbage.text) as unknown).toThrow();
    server.setFault('touch', { answer: 'html' });
    expect(await post('/session/user')).toMatchObject({ status: 200, type: 'text/html' });
  });

  it('hangs until the caller goes', async () => {
    server.setFault('login', { answer: 'hang' });
    const caller = new AbortController();
    const answer = post('/auth/user/login', caller.signal);
    expect(await Promise.race([answer, delay(50, 'nothing')])).toBe('nothing');
    caller.abort();
    await expect(answer).rejects.toThrow('abort');
  });

  it('breaks off', async () => {
    server.setFault('login', { answer: 'reset' });
    await expect(post('/auth/user/login')).rejects.toThrow();
  });

  it('answers late, and well', async () => {
    server.setFault('login', { latencyMs: 60 });
    const startedAt = performance.now();
    const { payload } = await askEvent(server.baseUrl, '/auth/user/login', { auth });
    // Timers may be a little early.
    expect(performance.now() - startedAt).toBeGreaterThan(55);
    expect(payload).toHaveProperty('token');
  });

  it('cannot be had by clients', async () => {
    const fault = { faults: { login: { answer: 'error' } }, latencyMs: 10_000, answer: 'hang' };
    const asked = { auth: { ...auth, ...fault }, parameters: fault };
    expect((await askEvent(server.baseUrl, '/auth/user/login', asked)).payload).toHaveProperty('token');
  });
});

describe('the server', () => {
  it('tells what it was asked', async () => {
    await askEvent(server.baseUrl, '/auth/user/custom/setOtp');
    await askEvent(server.baseUrl, '/session/user', { origin: { id: '1' } });
    await askPlain(server.baseUrl, '/session/user/expire/user-1');
    expect(seen.map(({ action, path, isPlain }) => [action, path, isPlain])).toEqual([
      ['custom/setOtp', '/auth/user/custom/setOtp', false],
      ['touch', '/session/user', false],
      ['expire', '/session/user/expire/user-1', true],
    ]);
    expect(JSON.parse(seen[1]!.body)).toMatchObject({ requestMeta: { origin: { id: '1' } } });
  });

  it('is healthy, takes events with POST only, and refuses what is none', async () => {
    expect(await (await fetch(`${server.baseUrl}/health`)).json()).toEqual({ status: 'UP' });
    expect((await fetch(`${server.baseUrl}/auth/user/login`)).status).toBe(405);
    const response = await fetch(`${server.baseUrl}/auth/user/login`, { method: 'POST', body: 'x' });
    expect(response.status).toBe(400);
  });
});
