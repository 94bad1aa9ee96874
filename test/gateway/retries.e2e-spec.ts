import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { sendJson, TestBackend, type SeenRequest } from '../support/backend.js';
import { call } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

/** Retries of calls (spec/resilience.md): per path, and per method of it. */
let backend: TestBackend;
let gateway: TestGateway;
/** What the backend says to one call after another; the last one for ever. */
let script: ((request: SeenRequest, response: ServerResponse) => void)[] = [];

const good = (request: SeenRequest, response: ServerResponse): void =>
  request.url.startsWith('/api/rpc')
    ? sendJson(response, JSON.stringify({ payload: { done: true } }), 200)
    : sendJson(response, JSON.stringify({ done: true }), 200);
const status =
  (code: number) =>
  (_: SeenRequest, response: ServerResponse): void =>
    sendJson(response, JSON.stringify({}), code);
const reset = (_: SeenRequest, response: ServerResponse): void => void response.socket!.destroy();
const hang = (): void => undefined;

const retry = (more: object = {}): object => ({ isPublic: true, retry: { retryCount: 2, ...more } });

beforeAll(async () => {
  backend = await TestBackend.start((request, response) =>
    (script.length > 1 ? script.shift()! : script[0]!)(request, response),
  );
  const paths = {
    '/all': retry(),
    '/late': retry({ retryAfter: 20 }),
    '/unsent': retry({ onlyUnsent: true }),
    '/named': retry({ filter: { httpStatusCodes: [409] } }),
    '/get': { isPublic: true, methods: { GET: { isPublic: true, retry: { retryCount: 1 } }, '*': { isPublic: true } } },
    '*': { isPublic: true },
  };
  gateway = await TestGateway.start({
    components: withChannels(
      aChannel('rpc', backend.url, { target: '/api/rpc', paths }),
      aChannel('crud', backend.url, { executor: 'crud', target: '/crud', paths }),
      aChannel('hasty', backend.url, {
        ...{ executor: 'crud', target: '/crud', paths },
        parameters: { 'server.timeout': 300, 'server.totalTimeout': 400 },
      }),
    ),
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
});
const post = (path: string, body = '{"a":1}') => call(gateway.port, `/api/request/${path}`, { method: 'POST', body });

describe.each(['rpc', 'crud'])('a call over %s', (channel) => {
  it('is made again until it is answered, with the same body', async () => {
    script = [reset, status(503), good];
    const answer = await post(`${channel}/all`);
    expect(answer.status).toBe(200);
    expect(backend.seen).toHaveLength(3);
    if (channel === 'crud') expect(backend.seen.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
  });
  it('that keeps failing is answered with the last failure', async () => {
    script = [status(503), status(503), status(502)];
    expect((await post(`${channel}/all`)).status).toBe(502);
    expect(backend.seen).toHaveLength(3);
  });
  it('waits before the next try', async () => {
    script = [status(500), good];
    const begun = performance.now();
    expect((await post(`${channel}/late`)).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(19);
  });
  it('that the runner refuses is not made again', async () => {
    script = [status(404)];
    expect((await post(`${channel}/all`)).status).toBe(404);
    expect(backend.seen).toHaveLength(1);
  });
  it('is made again only for what its filter names', async () => {
    script = [status(409), good];
    expect((await post(`${channel}/named`)).status).toBe(200);
    backend.seen.length = 0;
    script = [status(503)];
    expect((await post(`${channel}/named`)).status).toBe(503);
    expect(backend.seen).toHaveLength(1);
  });
  it('is not made again where it was sent and the rule says onlyUnsent', async () => {
    script = [reset, good];
    expect((await post(`${channel}/unsent`)).status).toBe(502);
    expect(backend.seen).toHaveLength(1);
  });
  it('that is idempotent is not sent twice on a lost connection either, where the rule says onlyUnsent', async () => {
    script = [reset, good];
    expect((await call(gateway.port, `/api/request/${channel}/unsent`)).status).toBe(502);
    expect(backend.seen).toHaveLength(1);
  });
  it('without a rule is made once', async () => {
    script = [status(500), good];
    await post(`${channel}/other`);
    expect(backend.seen).toHaveLength(1);
  });
});

describe('an event with an error', () => {
  it('is called again as well', async () => {
    script = [
      (_, response) =>
        sendJson(response, JSON.stringify({ payload: {}, result: { error: { code: 11001, message: 'stale' } } }), 200),
      good,
    ];
    expect((await post('rpc/all')).json()).toEqual({ done: true });
  });
});

describe('a rule of one method', () => {
  it('holds for that method alone', async () => {
    script = [status(500), good];
    expect((await call(gateway.port, '/api/request/crud/get')).status).toBe(200);
    script = [status(500), good];
    expect((await post('crud/get')).status).toBe(500);
  });
});

describe('all tries together', () => {
  it('end with server.totalTimeout', async () => {
    script = [hang];
    const begun = performance.now();
    expect((await post('hasty/all')).status).toBe(504);
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(backend.seen).toHaveLength(2);
  });
});

describe('a body that streams', () => {
  it('is sent once', async () => {
    script = [reset, good];
    expect((await post('crud/all', JSON.stringify('x'.repeat(200_000)))).status).toBe(502);
    expect(backend.seen.length).toBeLessThanOrEqual(1);
  });
});
