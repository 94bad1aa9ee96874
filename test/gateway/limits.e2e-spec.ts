import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { sendJson, TestBackend } from '../support/backend.js';
import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

/** Global rate, bulkhead and circuit breaker of a channel (spec/resilience.md). */
let backend: TestBackend;
let gateway: TestGateway;
/** Calls that the backend holds until a test lets them go. */
let held: ServerResponse[] = [];
let status = 200;

const HOUR_MS = 3_600_000;
const breaker = {
  ...{ slidingWindowSize: 4, minimumNumberOfCalls: 4, waitDurationInOpenState: HOUR_MS },
};
const channels = (): Record<string, unknown>[] => [
  aChannel('rate', backend.url, { rateLimiter: { periodLimit: 3, refreshPeriod: HOUR_MS } }),
  aChannel('kept', backend.url, { rateLimiter: { periodLimit: 3, refreshPeriod: HOUR_MS } }),
  aChannel('queue', backend.url, { rateLimiter: { periodLimit: 1, refreshPeriod: 300, timeoutDuration: 20_000 } }),
  aChannel('says', backend.url, {
    rateLimiter: { periodLimit: 1, refreshPeriod: HOUR_MS },
    parameters: { 'server.retryAfter503': 7 },
  }),
  aChannel('two', backend.url, {
    bulkhead: { maxConcurrentCalls: 2 },
    parameters: { 'server.timeout': 500 },
  }),
  aChannel('line', backend.url, { bulkhead: { maxConcurrentCalls: 1, maxWait: 60_000 } }),
  ...['breaks', 'apart', 'back'].map((id) =>
    aChannel(id, backend.url, {
      paths: {
        '*': {
          isPublic: true,
          circuitBreaker:
            id === 'back'
              ? { ...breaker, waitDurationInOpenState: 1, permittedNumberOfCallsInHalfOpenState: 1 }
              : breaker,
        },
      },
    }),
  ),
];
beforeAll(async () => {
  backend = await TestBackend.start((request, response) => {
    if (request.url.includes('held')) held.push(response);
    else sendJson(response, JSON.stringify({ payload: { done: true } }), status);
  });
  gateway = await TestGateway.start({ components: withChannels(...channels()) });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);
afterEach(() => {
  letGo();
  status = 200;
});
function letGo(): void {
  for (const response of held) if (!response.destroyed) sendJson(response, '{"payload":{"done":true}}');
  held = [];
}
const get = (path: string): Promise<CallAnswer> => call(gateway.port, `/api/request/${path}`);
const told = (answer: CallAnswer): [number, string, string | undefined] => [
  answer.status,
  answer.json<ErrorAnswer>().error.message,
  answer.headers['retry-after'],
];

describe('a global rate', () => {
  it('lets so many requests in a period, tells what is left, and refuses the rest', async () => {
    const first = await get('rate/x');
    expect([first.status, first.headers['ratelimit-policy']]).toEqual([200, '"global";q=3;w=3600']);
    expect(first.headers.ratelimit).toMatch(/^"global";r=2;t=3[56]\d\d$/);
    await get('rate/x');
    await get('rate/x');
    const [code, message, retryAfter] = told(await get('rate/x'));
    expect([code, message]).toEqual([503, 'the rate limit of this channel is reached']);
    expect(Number(retryAfter)).toBeGreaterThan(3500);
  });
  it('lets requests wait their turn', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => get('queue/x')));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  });
  it('tells the Retry-After that the system sets for its 503s', async () => {
    await get('says/x');
    expect(told(await get('says/x'))[2]).toBe('7');
  });
  it('goes on counting where a reload changes something else, and with other numbers', async () => {
    for (let count = 0; count < 2; count++) await get('kept/x');
    const change = (periodLimit: number, version: string): void =>
      gateway.write('all.json', {
        channels: channels().map((channel) =>
          channel.id === 'kept'
            ? { ...channel, rateLimiter: { periodLimit, refreshPeriod: HOUR_MS }, responseHeaders: { 'X-V': version } }
            : channel,
        ),
      });
    const inForce = (version: string) =>
      until(
        async () => (await call(gateway.port, '/api/request/kept/x', { method: 'OPTIONS' })).headers['x-v'] === version,
      );
    change(3, 'a');
    await inForce('a');
    expect((await get('kept/x')).status).toBe(200);
    expect((await get('kept/x')).status).toBe(503);
    change(4, 'b');
    await inForce('b');
    expect([(await get('kept/x')).status, (await get('kept/x')).status]).toEqual([200, 503]);
  });
});

describe('a bulkhead', () => {
  const occupied = async (channel: string, count: number): Promise<Promise<CallAnswer>[]> => {
    const calls = Array.from({ length: count }, () => get(`${channel}/held`));
    await until(() => held.length === count);
    return calls;
  };
  it('lets so many calls be under way, and refuses others', async () => {
    const calls = await occupied('two', 2);
    expect(told(await get('two/x'))).toEqual([503, 'too many calls of this channel are under way', '30']);
    letGo();
    await Promise.all(calls);
    expect((await get('two/x')).status).toBe(200);
  });
  it('is left by calls that time out', async () => {
    const calls = await occupied('two', 2);
    expect((await Promise.all(calls)).map((answer) => answer.status)).toEqual([504, 504]);
    expect((await get('two/x')).status).toBe(200);
  });
  it('is left by clients that go', async () => {
    const clients = await Promise.all([1, 2].map(() => RawClient.open(gateway.port)));
    for (const client of clients) client.write('GET /api/request/two/held HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => held.length === 2);
    for (const client of clients) client.destroy();
    await until(async () => (await get('two/x')).status === 200);
  });
  it('is left by calls that fail', async () => {
    const calls = await occupied('two', 2);
    for (const response of held) response.destroy();
    held = [];
    expect((await Promise.all(calls)).map((answer) => answer.status)).toEqual([502, 502]);
    expect((await get('two/x')).status).toBe(200);
  });
  it('lets calls wait for a place', async () => {
    const [first] = await occupied('line', 1);
    const next = get('line/x');
    letGo();
    expect([(await first!).status, (await next).status]).toEqual([200, 200]);
  });
});

describe('a circuit breaker', () => {
  it('opens when calls fail, and holds further ones back', async () => {
    status = 500;
    for (let count = 0; count < 4; count++) expect((await get('breaks/x')).status).toBe(502);
    const before = backend.seen.length;
    status = 200;
    const [code, message, retryAfter] = told(await get('breaks/x'));
    expect([code, message]).toEqual([503, 'the circuit breaker of this path is open: its backend fails']);
    expect(Number(retryAfter)).toBeGreaterThan(3500);
    expect(backend.seen).toHaveLength(before);
    await until(() =>
      gateway.lines.some(({ msg, to }) => msg === 'A circuit breaker changes its state.' && to === 'open'),
    );
  });
  it('is one for each concrete path', async () => {
    status = 500;
    for (let count = 0; count < 4; count++) await get('apart/bad');
    status = 200;
    expect([(await get('apart/bad')).status, (await get('apart/good')).status]).toEqual([503, 200]);
  });
  it('does not count what the client did wrong', async () => {
    status = 404;
    for (let count = 0; count < 8; count++) await get('apart/client');
    status = 200;
    expect((await get('apart/client')).status).toBe(200);
  });
  it('closes again by itself', async () => {
    status = 500;
    for (let count = 0; count < 4; count++) await get('back/x');
    status = 200;
    await until(async () => (await get('back/x')).status === 200);
    expect((await get('back/x')).status).toBe(200);
  });
  it('shows in the metrics, and so does what was refused', async () => {
    const { text } = await call(gateway.port, '/metrics');
    expect(text).toMatch(/^sluice_breakers\{[^}]*channel="breaks"[^}]*state="open"[^}]*\} 1$/m);
    expect(text).toMatch(/^sluice_limit_refused_total\{[^}]*channel="breaks"[^}]*limit="breaker"[^}]*\} [1-9]/m);
  });
});

describe('the request line of a call that a limit refused', () => {
  const logged = async (channel: string): Promise<Record<string, unknown>> => {
    const of = () =>
      gateway.requestLines().find((line) => line.channel === channel && line.status === 503 && 'limit' in line);
    await gateway.until(() => of() !== undefined);
    return of()!;
  };
  it('of a global rate tells its policy and what may pass', async () => {
    for (let count = 0; count < 2; count++) await get('says/logged');
    expect(await logged('says')).toMatchObject({
      error: 'RATE_LIMITED',
      limit: { rule: 'global', scope: 'channel', policy: 'global', most: 1, periodMs: HOUR_MS },
    });
  });
  it('of a bulkhead tells its size', async () => {
    const calls = [1, 2].map(() => get('two/held'));
    await until(() => held.length === 2);
    await get('two/x');
    letGo();
    await Promise.all(calls);
    expect(await logged('two')).toMatchObject({
      error: 'BULKHEAD_FULL',
      limit: { rule: 'bulkhead', scope: 'channel', most: 2 },
    });
  });
  it('of a breaker tells its state', async () => {
    status = 500;
    for (let count = 0; count < 5; count++) await get('breaks/logged');
    expect(await logged('breaks')).toMatchObject({
      error: 'BREAKER_OPEN',
      limit: { rule: 'breaker', scope: 'path', state: 'open' },
    });
  });
  it('says nothing of limits that let it pass', async () => {
    await get('line/logged');
    const of = () => gateway.requestLines().find(({ path }) => path === '/api/request/line/logged');
    await gateway.until(() => of() !== undefined);
    expect(of()).not.toHaveProperty('limit');
  });
});

describe('limits at fault', () => {
  it('keep their channel out of force, and say where', async () => {
    const faulty = await TestGateway.start({
      components: withChannels(
        aChannel('no_number', backend.url, { rateLimiter: { refreshPeriod: 1000 } }),
        aChannel('never', backend.url, {
          paths: { '*': { isPublic: true, circuitBreaker: { failureRateThreshold: 0 } } },
        }),
        aChannel('none', backend.url, { rateLimiter: {}, bulkhead: {} }),
      ),
    });
    try {
      const statusOf = async (id: string) => (await call(faulty.port, `/api/request/${id}/x`)).status;
      expect([await statusOf('no_number'), await statusOf('never'), await statusOf('none')]).toEqual([500, 500, 200]);
      const { faults } = (await call(faulty.port, '/health')).json<{ faults: { pointer: string }[] }>();
      expect(faults.map(({ pointer }) => pointer).sort()).toEqual([
        '/paths/*/circuitBreaker/failureRateThreshold',
        '/rateLimiter/periodLimit',
      ]);
    } finally {
      await faulty.stop();
    }
  });
});
