import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { echoEvent, sendJson, TestBackend } from '../support/backend.js';
import { call, post } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { OtlpCollector, type CollectedSpan } from '../support/otlp-collector.js';
import { until } from '../support/until.js';
import { takenPort } from '../process/program.js';

/** What the span of each try tells (docs/operating.md, "Traces"). */
const SERVER = 2;
const CLIENT = 3;
let backends: readonly [TestBackend, TestBackend];
let collector: OtlpCollector;
let gateway: TestGateway;
/** Nobody accepts there. */
let nowhere: number;

const retried = { '*': { isPublic: true, retry: { retryCount: 2 } } };
beforeAll(async () => {
  const taken = await takenPort();
  nowhere = taken.port;
  taken.server.close();
  [collector, ...backends] = await Promise.all([OtlpCollector.start(), TestBackend.start(), TestBackend.start()]);
  const [first, second] = backends;
  gateway = await TestGateway.start({
    settings: { 'telemetry.otlp.endpoint': collector.url },
    components: withChannels(
      aChannel('one', first.url, { paths: retried, parameters: { 'server.timeout': 400 } }),
      aChannel('crud', first.url, { executor: 'crud', paths: retried }),
      aChannel('two', 'http://orders.example', {
        paths: retried,
        parameters: { 'server.instances': `127.0.0.1:${first.port},127.0.0.1:${second.port}` },
      }),
      aChannel('half', 'http://orders.example', {
        parameters: { 'server.instances': `127.0.0.1:${nowhere},127.0.0.1:${first.port}` },
      }),
      aChannel('gone', `http://127.0.0.1:${nowhere}`),
    ),
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await Promise.all([collector.close(), ...backends.map((backend) => backend.close())]);
}, 60_000);
beforeEach(() => {
  collector.clear();
  for (const backend of backends) backend.handler = echoEvent;
});

/** The spans of the tries of the one request that a test sends, in their order. */
async function tries(count: number): Promise<CollectedSpan[]> {
  await until(() => collector.spans.length === count + 1);
  expect(collector.spans.filter(({ kind }) => kind === SERVER)).toHaveLength(1);
  return collector.spans
    .filter(({ kind }) => kind === CLIENT)
    .sort((a, b) => Number(a.attributes['sluice.attempt']) - Number(b.attributes['sluice.attempt']));
}
/** One answer after another, the last for ever. */
function answers(backend: TestBackend, ...list: readonly (TestBackend['handler'] | number)[]): void {
  let count = 0;
  backend.handler = (request, response) => {
    const next = list[Math.min(count++, list.length - 1)]!;
    if (typeof next === 'number') sendJson(response, '{}', next);
    else next(request, response);
  };
}
const send = (path: string): Promise<unknown> => post(gateway.port, `/api/request/${path}`, '{}');
const at = (backend: TestBackend) => ({ 'server.address': '127.0.0.1', 'server.port': backend.port });

describe('the spans of a call that is tried again', () => {
  it('are one a try, each with its number, its instance and how it ended', async () => {
    answers(backends[0], 503, () => undefined, echoEvent);
    await send('one/x');
    const spans = await tries(3);
    expect(spans.map(({ attributes }) => attributes)).toEqual([
      {
        ...{ 'sluice.channel': 'one', 'sluice.system': 'one', 'sluice.attempt': 1, 'http.request.method': 'POST' },
        ...at(backends[0]),
        ...{ 'http.response.status_code': 503, 'error.type': 'BACKEND_UNAVAILABLE' },
      },
      {
        ...{ 'sluice.channel': 'one', 'sluice.system': 'one', 'sluice.attempt': 2, 'http.request.method': 'POST' },
        ...at(backends[0]),
        ...{ 'http.request.resend_count': 1, 'error.type': 'BACKEND_TIMEOUT' },
      },
      {
        ...{ 'sluice.channel': 'one', 'sluice.system': 'one', 'sluice.attempt': 3, 'http.request.method': 'POST' },
        ...at(backends[0]),
        ...{ 'http.request.resend_count': 2, 'http.response.status_code': 200 },
      },
    ]);
    expect(spans.map(({ status }) => status.code)).toEqual([2, 2, 0]);
    expect(new Set(spans.map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
  });
  it('tell a runner’s error that comes with a good status', async () => {
    answers(
      backends[0],
      (_request, response) => sendJson(response, '{"payload":{},"result":{"error":{"code":503}}}'),
      echoEvent,
    );
    await send('one/x');
    const [first, second] = await tries(2);
    expect([
      first!.status.code,
      first!.attributes['http.response.status_code'],
      first!.attributes['error.type'],
    ]).toEqual([2, 200, 'RUNNER_ERROR']);
    expect([second!.status.code, second!.attributes['error.type']]).toEqual([0, undefined]);
  });
  it('tell which of several instances each went to', async () => {
    for (const backend of backends) answers(backend, 503);
    await send('two/x');
    const ports = (await tries(3)).map(({ attributes }) => attributes['server.port']);
    expect(new Set(ports)).toEqual(new Set(backends.map(({ port }) => port)));
  });
  it('have the method towards the backend', async () => {
    await call(gateway.port, '/api/request/crud/x', { method: 'DELETE' });
    const [only] = await tries(1);
    expect(only!.attributes).toMatchObject({ 'http.request.method': 'DELETE', ...at(backends[0]) });
  });
});

describe('the span of a try that no instance took', () => {
  it('tells the last that was asked, and how many were', async () => {
    await until(async () => {
      collector.clear();
      await send('half/x');
      const [only] = await tries(1);
      // The first to be chosen may be the good one.
      return only!.attributes['sluice.instances_asked'] === 2 && only!.attributes['server.port'] === backends[0].port;
    });
  });
  it('tells what could not be reached', async () => {
    await send('gone/x');
    const [only] = await tries(1);
    expect(only!.attributes).toMatchObject({ 'server.port': nowhere, 'error.type': 'BACKEND_UNREACHABLE' });
    expect(only!.attributes).not.toHaveProperty('http.response.status_code');
  });
});
