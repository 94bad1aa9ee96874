import { afterAll, describe, expect, it } from '@jest/globals';
import { Metrics } from '../metrics.js';
import { otlpMetric, otlpMetrics, type OtlpMetric, type RegistryMetric } from './otlp-metrics.js';

const TIMES = { sinceMs: 1_800_000_000_000, atMs: 1_800_000_060_000.7 };
const SINCE = '1800000000000000000';
const AT = '1800000060000000000';
const aMetric = (given: Partial<RegistryMetric>): RegistryMetric => ({
  name: 'sluice_things_total',
  help: 'Things.',
  type: 'counter',
  values: [{ value: 3, labels: { channel: 'orders', status: 200 } }],
  ...given,
});
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

describe('a counter', () => {
  it('is a cumulative sum that only grows, since the process began', () => {
    expect(otlpMetric(aMetric({}), TIMES)).toEqual({
      name: 'sluice_things_total',
      description: 'Things.',
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          {
            attributes: [attribute('channel', 'orders'), attribute('status', '200')],
            startTimeUnixNano: SINCE,
            timeUnixNano: AT,
            asDouble: 3,
          },
        ],
      },
    });
  });
});

describe('a gauge', () => {
  it('has no begin', () => {
    const metric = otlpMetric(aMetric({ type: 'gauge', values: [{ value: 0, labels: {} }] }), TIMES);
    expect(metric!.gauge).toEqual({ dataPoints: [{ attributes: [], timeUnixNano: AT, asDouble: 0 }] });
  });
  it('without a figure has no point, and one without points is left out', () => {
    const values = [
      { value: NaN, labels: {} },
      { value: 1, labels: { a: 'b' } },
      { value: Infinity, labels: {} },
    ];
    expect(otlpMetric(aMetric({ type: 'gauge', values }), TIMES)!.gauge!.dataPoints).toHaveLength(1);
    expect(otlpMetric(aMetric({ type: 'gauge', values: values.slice(0, 1) }), TIMES)).toBeNull();
  });
});

describe('a histogram', () => {
  const name = 'sluice_request_duration_seconds';
  const bucket = (channel: string, le: number | string, value: number) => ({
    ...{ metricName: `${name}_bucket`, labels: { channel, le }, value },
  });
  const values = [
    bucket('a', 0.1, 2),
    bucket('a', 1, 5),
    bucket('a', '+Inf', 6),
    { metricName: `${name}_sum`, labels: { channel: 'a' }, value: 7.5 },
    { metricName: `${name}_count`, labels: { channel: 'a' }, value: 6 },
    bucket('b', 1, 0),
    bucket('b', 0.1, 0),
    bucket('b', '+Inf', 0),
    { metricName: `${name}_sum`, labels: { channel: 'b' }, value: 0 },
    { metricName: `${name}_count`, labels: { channel: 'b' }, value: 0 },
  ];
  const metric = otlpMetric(aMetric({ name, type: 'histogram', values }), TIMES)!;

  it('counts what lies between two bounds, where Prometheus counts all below', () => {
    expect(metric.histogram!.dataPoints[0]).toEqual({
      attributes: [attribute('channel', 'a')],
      startTimeUnixNano: SINCE,
      timeUnixNano: AT,
      count: '6',
      sum: 7.5,
      explicitBounds: [0.1, 1],
      bucketCounts: ['2', '3', '1'],
    });
  });
  it('has a point for each set of labels, its bounds in order', () => {
    expect(metric.histogram!.dataPoints).toHaveLength(2);
    expect(metric.histogram!.dataPoints[1]).toMatchObject({ explicitBounds: [0.1, 1], bucketCounts: ['0', '0', '0'] });
  });
  it('is cumulative, in seconds', () => {
    expect([metric.histogram!.aggregationTemporality, metric.unit]).toEqual([2, 's']);
  });
});

describe('the unit', () => {
  it.each([
    ['sluice_backend_seconds_total', 's'],
    ['process_resident_memory_bytes', 'By'],
    ['sluice_requests_total', undefined],
  ])('of %s is %s', (name, unit) => {
    expect(otlpMetric(aMetric({ name }), TIMES)!.unit).toBe(unit);
  });
});

describe('what OTLP has no like of', () => {
  it('is left out', () => {
    expect(otlpMetric(aMetric({ type: 'summary' }), TIMES)).toBeNull();
  });
});

describe('the whole registry', () => {
  const registry = new Metrics('shop');
  registry.add({
    name: 'sluice_things_total',
    help: 'Things.',
    type: 'counter',
    samples: () => [{ name: 'sluice_things_total', labels: { channel: 'orders' }, value: 4 }],
  });
  afterAll(() => registry.close());

  it('is what Prometheus gets, under the names that it gets', async () => {
    const body = otlpMetrics(await registry.read(), { 'service.name': 'sluice' }, TIMES) as {
      resourceMetrics: { resource: unknown; scopeMetrics: { metrics: OtlpMetric[] }[] }[];
    };
    const [{ resource, scopeMetrics }] = body.resourceMetrics as [(typeof body.resourceMetrics)[0]];
    expect(resource).toEqual({ attributes: [attribute('service.name', 'sluice')] });
    const { metrics } = scopeMetrics[0]!;
    const text = await registry.text();
    for (const { name } of metrics) expect(text).toContain(`# TYPE ${name} `);
    expect(metrics.length).toBeGreaterThan(20);
    expect(metrics.find(({ name }) => name === 'sluice_things_total')!.sum!.dataPoints).toMatchObject([
      { attributes: [attribute('channel', 'orders'), attribute('gateway', 'shop')], asDouble: 4 },
    ]);
  });
  it('is JSON without a number that JSON does not have', async () => {
    const text = JSON.stringify(otlpMetrics(await registry.read(), {}, TIMES));
    expect(text).not.toContain('null');
  });
});
