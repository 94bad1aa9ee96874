import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import { echoEvent, sendJson, TestBackend } from '../support/backend.js';
import { call, post, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { OtlpCollector, type CollectedSpan, type CollectorMode } from '../support/otlp-collector.js';
import { until } from '../support/until.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SERVER = 2;
const CLIENT = 3;

let backend: TestBackend;
let collector: OtlpCollector;
let components: Record<string, unknown>;

beforeAll(async () => {
  [backend, collector] = await Promise.all([TestBackend.start(), OtlpCollector.start()]);
  components = withChannels(
    aChannel('rpc', backend.url, { paths: { '*': { isPublic: true }, closed: { isPublic: false } } }),
    aChannel('crud', backend.url, { executor: 'crud', parameters: { 'server.timeout': 300 } }),
  );
}, 60_000);
afterAll(async () => {
  await Promise.all([backend.close(), collector.close()]);
});
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = echoEvent;
  collector.clear();
  collector.mode = 'takes';
});

const started = (settings: Record<string, string | number | boolean> = {}): Promise<TestGateway> =>
  TestGateway.start({
    components,
    settings: { 'telemetry.otlp.endpoint': collector.url, 'gateway.id': 'gw', ...settings },
  });
const parentOf = (traceparent: unknown): string[] => String(traceparent).split('-');

/** The spans of the one request that a test sends. */
async function spansOfOne(count: number): Promise<{ request: CollectedSpan; tries: CollectedSpan[] }> {
  await until(() => collector.spans.length >= count);
  expect(collector.spans).toHaveLength(count);
  const request = collector.spans.find(({ kind }) => kind === SERVER)!;
  return { request, tries: collector.spans.filter(({ kind }) => kind === CLIENT) };
}

describe('traces of a gateway that takes none from clients', () => {
  let gateway: TestGateway;
  beforeAll(async () => void (gateway = await started()), 60_000);
  afterAll(() => gateway.stop());
  const send = (path: string, headers: OutgoingHttpHeaders = {}, body = '{}'): Promise<CallAnswer> =>
    post(gateway.port, path, body, headers);

  it('join request, try and runner', async () => {
    await send('/api/request/rpc/hello', { 'User-Agent': 'spec/1', Host: 'api.example:81' });
    const { request, tries } = await spansOfOne(2);
    const [, traceId, parentId, flags] = parentOf(backend.seen[0]!.headers.traceparent);
    expect(request).toMatchObject({ traceId, parentSpanId: '', name: 'POST rpc', status: { code: 0 } });
    expect(tries).toMatchObject([{ traceId, spanId: parentId, parentSpanId: request.spanId, status: { code: 0 } }]);
    expect(flags).toBe('01');
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'network.protocol.version': '1.1',
      'server.address': 'api.example',
      'server.port': 81,
      'url.path': '/api/request/rpc/hello',
      'user_agent.original': 'spec/1',
      'sluice.channel': 'rpc',
      'sluice.request_id': expect.stringMatching(/^gw-/),
      'sluice.attempts': 1,
    });
    expect(tries[0]!.attributes).toEqual({
      'sluice.channel': 'rpc',
      'sluice.system': 'rpc',
      'sluice.attempt': 1,
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': backend.port,
    });
    expect(request.resource).toMatchObject({ 'service.name': 'sluice', 'sluice.gateway': 'gw' });
  });
  it('have the try within the request, at the time of day', async () => {
    const before = Date.now();
    await send('/api/request/rpc/hello');
    const { request, tries } = await spansOfOne(2);
    const [begun, called, answered, ended] = [
      request.startTimeUnixNano,
      tries[0]!.startTimeUnixNano,
      tries[0]!.endTimeUnixNano,
      request.endTimeUnixNano,
    ].map(Number) as [number, number, number, number];
    expect(begun).toBeGreaterThanOrEqual((before - 1) * 1e6);
    expect(ended).toBeLessThanOrEqual((Date.now() + 1000) * 1e6);
    expect(called).toBeGreaterThanOrEqual(begun);
    expect(answered).toBeGreaterThanOrEqual(called);
    expect(ended).toBeGreaterThanOrEqual(answered);
  });
  it('are those of the request lines', async () => {
    await send('/api/request/rpc/hello');
    const { request } = await spansOfOne(2);
    await gateway.until(() => gateway.requestLines().some(({ spanId }) => spanId === request.spanId));
    const line = gateway.requestLines().find(({ spanId }) => spanId === request.spanId)!;
    expect(line).toMatchObject({ traceId: request.traceId, requestId: request.attributes['sluice.request_id'] });
  });
  it('are not the client’s', async () => {
    await send('/api/request/rpc/hello', { traceparent: `00-${TRACE}-${SPAN}-01` });
    const { request } = await spansOfOne(2);
    expect(request.traceId).not.toBe(TRACE);
    expect(request.parentSpanId).toBe('');
  });
  it('of a refusal have no try', async () => {
    await send('/api/request/rpc/closed');
    const { request } = await spansOfOne(1);
    expect(request).toMatchObject({ name: 'POST rpc', status: { code: 0 } });
    expect(request.attributes).toMatchObject({ 'http.response.status_code': 401, 'error.type': 'TOKEN_MISSING' });
    expect(request.attributes).not.toHaveProperty('sluice.attempts');
  });
  it('of a runner that is too slow are in error', async () => {
    backend.handler = () => undefined;
    await call(gateway.port, '/api/request/crud/slow');
    const { request, tries } = await spansOfOne(2);
    expect([request.status.code, request.attributes['error.type']]).toEqual([2, 'BACKEND_TIMEOUT']);
    expect([tries[0]!.status.code, tries[0]!.attributes['error.type']]).toEqual([2, 'BACKEND_TIMEOUT']);
  });
  it('tell a runner’s 404 as an error of the call alone', async () => {
    backend.handler = (_request, response) => sendJson(response, '{}', 404);
    await call(gateway.port, '/api/request/crud/none');
    const { request, tries } = await spansOfOne(2);
    expect([request.status.code, tries[0]!.status.code, tries[0]!.attributes['error.type']]).toEqual([0, 2, '404']);
  });
  it('are not made of health and metrics pages', async () => {
    await call(gateway.port, '/health/ready');
    await call(gateway.port, '/metrics');
    await send('/api/request/rpc/last');
    await spansOfOne(2);
  });
  it('hold no query, body, credential or cookie, whatever became of the request', async () => {
    backend.handler = (_request, response) => sendJson(response, '{"payload":{"a":"hidden"}}', 500);
    const headers = { Authorization: 'Bearer hidden', Cookie: 'session=hidden', 'X-Api-Key': 'hidden' };
    await send('/api/request/rpc/x?key=hidden', headers, '{"password":"hidden"}');
    await send('/api/request/rpc/closed?key=hidden', headers, '{"password":"hidden"}');
    await call(gateway.port, '/api/request/crud/x?token=hidden', { headers });
    await until(() => collector.spans.filter(({ kind }) => kind === SERVER).length === 3);
    expect(collector.text).not.toContain('hidden');
    expect(collector.text).not.toContain('?');
  });
});

describe('traces of a gateway that takes those of clients', () => {
  let gateway: TestGateway;
  /** Of its own traces it samples none. */
  beforeAll(async () => {
    gateway = await started({ 'telemetry.trace.input.enabled': true, 'telemetry.sampling': 0 });
  }, 60_000);
  afterAll(() => gateway.stop());
  const send = (headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> =>
    post(gateway.port, '/api/request/rpc/hello', '{}', headers);
  /** What comes after the request that must not come: the spans of one that is sampled. */
  async function spansAfterASampledOne(): Promise<string[]> {
    const last = 'f'.repeat(32);
    await send({ traceparent: `00-${last}-${SPAN}-01` });
    await until(() => collector.spansOf(last).length === 2);
    return collector.spans.filter(({ traceId }) => traceId !== last).map(({ name }) => name);
  }

  it('go on from the client’s span', async () => {
    await send({ traceparent: `00-${TRACE}-${SPAN}-01` });
    const { request, tries } = await spansOfOne(2);
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
    expect(parentOf(backend.seen[0]!.headers.traceparent)).toEqual(['00', TRACE, tries[0]!.spanId, '01']);
  });
  it('go on from a b3 span, too', async () => {
    await send({ b3: `${TRACE}-${SPAN}-1` });
    expect((await spansOfOne(2)).request).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
  });
  it('are not sent where the client says that it is not sampled', async () => {
    await send({ traceparent: `00-${TRACE}-${SPAN}-00` });
    expect(parentOf(backend.seen[0]!.headers.traceparent).slice(0, 2)).toEqual(['00', TRACE]);
    expect(parentOf(backend.seen[0]!.headers.traceparent)[3]).toBe('00');
    expect(await spansAfterASampledOne()).toEqual([]);
  });
  it('are not sent where they begin here, with telemetry.sampling 0', async () => {
    await send();
    expect(parentOf(backend.seen[0]!.headers.traceparent)[3]).toBe('00');
    expect(await spansAfterASampledOne()).toEqual([]);
  });
});

describe('the end of the gateway', () => {
  it('sends what waits, and the figures of all requests', async () => {
    const gateway = await started();
    for (let count = 0; count < 5; count++) await post(gateway.port, '/api/request/rpc/hello', '{}');
    expect(await gateway.stop()).toBe(0);
    expect(collector.spans).toHaveLength(10);
    const points = collector.metrics.find(({ name }) => name === 'sluice_requests_total')!.sum!.dataPoints;
    const labels = points.map(({ attributes, asDouble }) => [
      Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue])),
      asDouble,
    ]);
    expect(labels).toContainEqual([{ channel: 'rpc', method: 'POST', status: '200', gateway: 'gw' }, 5]);
    expect(collector.metricsResource).toMatchObject({ 'service.name': 'sluice', 'sluice.gateway': 'gw' });
    const durations = collector.metrics.find(({ name }) => name === 'sluice_request_duration_seconds')!;
    expect(durations.histogram!.dataPoints[0]!.explicitBounds).toHaveLength(15);
  }, 60_000);
});

describe('a collector that', () => {
  let gateway: TestGateway;
  afterEach(() => gateway.stop());

  it.each<[string, CollectorMode | 'away']>([
    ['is away', 'away'],
    ['answers 500', 'fails'],
    ['takes requests and never answers', 'hangs'],
  ])(
    '%s holds up neither requests nor the end, and fills no log',
    async (_what, mode) => {
      if (mode !== 'away') collector.mode = mode;
      gateway = await started(mode === 'away' ? { 'telemetry.otlp.endpoint': 'http://127.0.0.1:9' } : {});
      // More spans than wait for an export, sent while exports fail.
      for (let round = 0; round < 60; round++) {
        const begunAt = performance.now();
        const answers = await Promise.all(
          Array.from({ length: 40 }, () => post(gateway.port, '/api/request/rpc/hello', '{}')),
        );
        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(performance.now() - begunAt).toBeLessThan(5000);
      }
      const toldAt = performance.now();
      gateway.child.kill('SIGTERM');
      expect(await gateway.exited()).toBe(0);
      expect(performance.now() - toldAt).toBeLessThan(8000);
      const told = gateway.lines.filter(({ msg }) => String(msg).startsWith('telemetry:'));
      expect(told.filter(({ msg }) => String(msg).includes('traces')).length).toBeLessThanOrEqual(1);
      expect(told.filter(({ msg }) => String(msg).includes('metrics')).length).toBeLessThanOrEqual(1);
    },
    60_000,
  );
  it('comes back is told once, and gets what comes from then on', async () => {
    collector.mode = 'fails';
    gateway = await started();
    const told = (): string[] =>
      gateway.lines.map(({ msg }) => String(msg)).filter((message) => message.startsWith('telemetry:'));
    await post(gateway.port, '/api/request/rpc/hello', '{}');
    await gateway.until(() => told().length === 1);
    collector.mode = 'takes';
    await post(gateway.port, '/api/request/rpc/hello', '{}');
    await gateway.until(() => told().length === 2);
    expect(told()[1]).toBe('telemetry: traces are exported again');
    expect(collector.spans).toHaveLength(2);
    const dropped = await gateway.metric('sluice_spans_dropped_total', { reason: 'export' });
    const exported = await gateway.metric('sluice_spans_exported_total');
    expect([dropped, exported]).toEqual([2, 2]);
  }, 60_000);
});

describe('without telemetry.otlp.endpoint', () => {
  it('runners get the span of the request line, and nothing is exported', async () => {
    const gateway = await TestGateway.start({ components });
    await post(gateway.port, '/api/request/rpc/hello', '{}');
    const [, traceId, spanId, flags] = parentOf(backend.seen[0]!.headers.traceparent);
    await gateway.until(() => gateway.requestLines().some((line) => line.traceId === traceId));
    expect(gateway.requestLines().find((line) => line.traceId === traceId)).toMatchObject({ spanId });
    expect(flags).toBe('01');
    expect((await call(gateway.port, '/metrics')).text).not.toContain('sluice_spans');
    await gateway.stop();
    expect(collector.exports).toEqual([]);
  }, 60_000);
});
