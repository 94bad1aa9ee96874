import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OtlpCollector } from '../../test/support/otlp-collector.js';
import { until } from '../../test/support/until.js';
import type { RecordedRequest } from '../contracts/request-spans.js';
import type { ProcessLog } from './logger.js';
import { Metrics } from './metrics.js';
import { openTelemetry, otlpHeaders, type Telemetry } from './telemetry.js';

const REPLICA = { instance: '17' };
let collector: OtlpCollector;
let metrics: Metrics;
let telemetry: Telemetry | null;
let lines: string[];
let isCollectorOpen: boolean;

beforeEach(async () => {
  collector = await OtlpCollector.start();
  isCollectorOpen = true;
  metrics = new Metrics('shop');
  telemetry = null;
  lines = [];
});
afterEach(async () => {
  await telemetry?.close();
  metrics.close();
  if (isCollectorOpen) await collector.close();
});

async function opened(endpoint = collector.url, env: Record<string, string> = {}): Promise<Telemetry> {
  // One that was closed while its collector hung may still fail: its lines are not those of the next test.
  const own = lines;
  const log = { log: (level: string, message: string) => void own.push(`${level} ${message}`) } as ProcessLog;
  const settings = { gateway: { id: 'shop' }, telemetry: { otlpEndpoint: endpoint } };
  telemetry = await openTelemetry({ settings, replica: REPLICA, env }, metrics, log);
  return telemetry!;
}
async function closed(): Promise<number> {
  const begunAt = performance.now();
  await telemetry!.close();
  telemetry = null;
  return performance.now() - begunAt;
}
const aRequest = (number = 1): RecordedRequest => ({
  traceId: number.toString(16).padStart(32, '0'),
  spanId: 'b'.repeat(16),
  parentSpanId: null,
  requestId: `gw-${number}`,
  startedAt: performance.now(),
  endedAt: performance.now() + 5,
  startedEpochMs: Date.now(),
  method: 'GET',
  path: '/api/request/orders/x',
  httpVersion: '1.1',
  host: 'a.example',
  userAgent: null,
  channel: 'orders',
  status: 200,
  error: null,
  attempts: 0,
  tries: [],
});
async function figure(name: string, label = ''): Promise<number> {
  const line = (await metrics.text()).split('\n').find((each) => each.startsWith(name) && each.includes(label));
  return line === undefined ? -1 : Number(line.split(' ').at(-1));
}

describe('without telemetry.otlp.endpoint', () => {
  it('there is nothing, and no metric of it', async () => {
    const settings = { gateway: { id: 'shop' }, telemetry: { otlpEndpoint: null } };
    expect(await openTelemetry({ settings, replica: REPLICA, env: {} }, metrics, {} as ProcessLog)).toBeNull();
    expect(await figure('sluice_spans')).toBe(-1);
  });
});

describe('spans', () => {
  it('arrive in batches below the endpoint, and say whose they are', async () => {
    const { spans } = await opened(`${collector.url}/otlp/`);
    for (let number = 1; number <= 3; number++) spans.record(aRequest(number));
    await until(() => collector.spans.length === 3);
    expect(collector.exports.map(({ path }) => path)).toEqual(['/otlp/v1/traces']);
    expect(collector.spans[0]!.resource).toMatchObject({
      'service.name': 'sluice',
      'sluice.gateway': 'shop',
      'service.instance.id': expect.stringMatching(/-17$/),
    });
    await until(async () => (await figure('sluice_spans_exported_total')) === 3);
  });
  it('that wait go out at the end, and the figures with them', async () => {
    (await opened()).spans.record(aRequest());
    await closed();
    expect([collector.spans.length, collector.metrics.some(({ name }) => name === 'process_open_fds')]).toEqual([
      1,
      true,
    ]);
    expect(collector.metricsResource).toMatchObject({ 'service.name': 'sluice', 'sluice.gateway': 'shop' });
  });
  it('beyond the queue are dropped and counted', async () => {
    collector.mode = 'hangs';
    const { spans } = await opened();
    for (let number = 1; number <= 6000; number++) spans.record(aRequest(number));
    const dropped = await figure('sluice_spans_dropped_total', 'reason="queue"');
    // One batch is under way, 4,096 wait.
    expect(dropped).toBeGreaterThanOrEqual(6000 - 4096 - 512);
    expect(dropped).toBeLessThan(6000);
  });
  it('of an export that fails are dropped and counted, with one warning', async () => {
    collector.mode = 'fails';
    const { spans } = await opened();
    spans.record(aRequest());
    await until(async () => (await figure('sluice_spans_dropped_total', 'reason="export"')) === 1);
    spans.record(aRequest(2));
    await until(async () => (await figure('sluice_spans_dropped_total', 'reason="export"')) === 2);
    expect(await figure('sluice_telemetry_export_failures_total', 'signal="traces"')).toBe(2);
    collector.mode = 'takes';
    spans.record(aRequest(3));
    await until(() => lines.length === 2);
    expect(lines).toEqual([
      expect.stringMatching(/^warn telemetry: traces cannot/),
      'info telemetry: traces are exported again',
    ]);
  });
});

describe('the end', () => {
  it('waits 3 s for a collector that hangs, and no longer', async () => {
    collector.mode = 'hangs';
    (await opened()).spans.record(aRequest());
    expect(await closed()).toBeLessThan(3500);
  });
  it('does not wait that long for one that is known to be away', async () => {
    collector.mode = 'fails';
    (await opened()).spans.record(aRequest());
    await until(() => lines.length === 1);
    collector.mode = 'hangs';
    telemetry!.spans.record(aRequest(2));
    expect(await closed()).toBeLessThan(1500);
  });
  it('comes although nobody listens at the endpoint', async () => {
    const { url } = collector;
    await collector.close();
    isCollectorOpen = false;
    (await opened(url)).spans.record(aRequest());
    expect(await closed()).toBeLessThan(3500);
    expect(lines.some((line) => line.startsWith('warn telemetry: metrics cannot'))).toBe(true);
  });
});

describe('headers of exports', () => {
  it('come from the variables of OpenTelemetry, for both signals', async () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'Api-Key=a%20b, x-tenant=shop' };
    await opened(collector.url, env);
    await closed();
    const pushed = collector.exports.find(({ path }) => path === '/v1/metrics')!;
    expect(pushed.headers).toMatchObject({ 'api-key': 'a b', 'x-tenant': 'shop', 'content-type': 'application/json' });
  });
  it.each([
    [{}, {}],
    [{ OTEL_EXPORTER_OTLP_HEADERS: '' }, {}],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=1,=2,b,c=x=y' }, { a: '1', c: 'x=y' }],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=%' }, { a: '%' }],
    [
      { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=1', OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'b=2' },
      { a: '1', b: '2' },
    ],
  ])('of %j are %j', (env, headers) => {
    expect(otlpHeaders(env)).toEqual(headers);
  });
});
