import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sendJson, TestBackend, type BackendHandler } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

const SECRET = 'hunter2&=';
let backend: TestBackend;
let gateway: TestGateway;
/** Tokens that the backend takes, and what its token endpoint does. */
let good = new Set<string>();
let issue: BackendHandler;
let issued = 0;

beforeAll(async () => {
  backend = await TestBackend.start();
  const setup = (executor: string) => ({
    executor,
    parameters: {
      ...{ 'server.clientId': 'gate way', 'server.secret': SECRET, 'server.tokenPath': '/oauth/token' },
      ...{ 'server.timeout': 1500, token: 'static' },
    },
  });
  // Tokens are the target's own: a test that wants a first one takes a channel that had none.
  const names = ['once', 'many', 'refused', 'stream', 'always', 'wrong', 'down', 'slow', 'html'];
  gateway = await TestGateway.start({
    components: withChannels(
      ...names.flatMap((name) =>
        ['rpc', 'crud'].map((executor) =>
          aChannel(`${executor}-${name}`, `${backend.url}/${executor}-${name}`, setup(executor)),
        ),
      ),
    ),
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  good = new Set();
  issued = 0;
  issue = (_request, response) => {
    const token = `t${++issued}`;
    good.add(token);
    sendJson(response, JSON.stringify({ access_token: token, expires_in: 3600 }));
  };
  backend.handler = (request, response) => {
    if (request.url.endsWith('/oauth/token')) return issue(request, response);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (good.has(token)) sendJson(response, JSON.stringify({ token }));
    else sendJson(response, '{"error":"unauthorized"}', 401);
  };
});

const path = (channel: string): string => `/api/request/${channel}/x`;
const get = (channel: string): Promise<CallAnswer> => call(gateway.port, path(channel));
const asked = (): typeof backend.seen => backend.seen.filter(({ url }) => url.endsWith('/oauth/token'));

describe.each(['rpc', 'crud'])('a %s system with client credentials', (executor) => {
  it('asks for a token with a form, relative to server.baseUrl, once', async () => {
    const answers = [await get(`${executor}-once`), await get(`${executor}-once`)];
    expect(answers.map((answer) => answer.json())).toEqual([{ token: 't1' }, { token: 't1' }]);
    expect(asked()).toMatchObject([
      {
        method: 'POST',
        url: `/${executor}-once/oauth/token`,
        body: 'client_id=gate+way&client_secret=hunter2%26%3D&grant_type=client_credentials',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
    ]);
  });
  it('asks once for all calls that come together', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(`${executor}-many`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(asked()).toHaveLength(1);
  });
  it('takes another where the backend refuses the one it has, and calls again', async () => {
    expect((await get(`${executor}-refused`)).json()).toEqual({ token: 't1' });
    good.clear();
    await gateway.until(async () => (await get(`${executor}-refused`)).status === 200);
    expect((await get(`${executor}-refused`)).json()).toEqual({ token: 't2' });
  });
  it('hands on a 401 that a new token does not mend, and does not ask for ever more', async () => {
    backend.handler = (request, response) =>
      request.url.endsWith('/oauth/token') ? issue(request, response) : sendJson(response, '{"no":1}', 401);
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(`${executor}-always`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(asked().length).toBeLessThanOrEqual(2);
  });
});

describe('a streamed upload', () => {
  it('is sent once: a 401 is the client’s', async () => {
    await get('crud-stream');
    good.clear();
    const calls = (): number => backend.seen.filter(({ method }) => method === 'PUT').length;
    const answer = await call(gateway.port, path('crud-stream'), {
      method: 'PUT',
      headers: { 'content-type': 'text/plain' },
      body: 'x'.repeat(100_000),
    });
    expect([answer.status, calls()]).toEqual([401, 1]);
  });
});

describe('a token endpoint that', () => {
  it('refuses is 502, and nothing that it says is shown', async () => {
    issue = (_request, response) => sendJson(response, `{"error":"invalid_client ${SECRET}"}`, 401);
    const answer = await get('rpc-wrong');
    expect(answer.json()).toEqual({
      error: { code: 502, message: 'the backend gave the gateway no token', requestId: expect.any(String) },
    });
    await gateway.until(() => gateway.requestLines().some(({ error }) => error === 'CLIENT_TOKEN_FAILED'));
    expect(gateway.output).not.toContain('hunter2');
  });
  it('answers HTML is 502', async () => {
    issue = (_request, response) => void response.writeHead(200).end('<html>');
    expect((await get('rpc-html')).status).toBe(502);
  });
  it('breaks off is 502, and asked again a second later', async () => {
    issue = (_request, response) => void response.destroy();
    expect((await get('rpc-down')).status).toBe(502);
    expect((await get('rpc-down')).status).toBe(502);
    expect(asked()).toHaveLength(1);
    issue = (_request, response) => {
      good.add('back');
      sendJson(response, '{"access_token":"back"}');
    };
    await gateway.until(async () => (await get('rpc-down')).status === 200);
  });
  it('does not answer ends with the time of a try', async () => {
    issue = () => undefined;
    const begun = performance.now();
    expect((await get('rpc-slow')).status).toBe(502);
    expect(performance.now() - begun).toBeLessThan(15_000);
  }, 30_000);
});
