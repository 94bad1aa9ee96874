import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel, anExchange, unplanned } from '../../../test/support/an-exchange.js';
import type { Metrics, MetricSource, Sample } from '../../observability/metrics.js';
import type { Exchange } from '../exchange.js';
import { RequestMetrics } from './request-metrics.js';

interface Counted {
  readonly channel?: string;
  readonly method?: string;
  readonly status?: number;
  readonly ms?: number;
  readonly error?: string;
  readonly attempts?: number;
  readonly backendMs?: number;
}

function someMetrics(inFlight = 0) {
  const sources = new Map<string, MetricSource>();
  const add = (source: MetricSource): void => {
    if (sources.has(source.name)) unplanned(`a second ${source.name}`);
    sources.set(source.name, source);
  };
  const value = (type: 'counter' | 'gauge') => (name: string, help: string, read: () => number) =>
    add({ name, help, type, samples: () => [{ name, labels: {}, value: read() }] });
  const registry = { add, addCounter: value('counter'), addGauge: value('gauge') } as unknown as Metrics;
  const metrics = new RequestMetrics(registry, () => inFlight);
  const samples = (name: string): Sample[] => [...(sources.get(name) ?? unplanned(name)).samples()];
  const count = (given: Counted = {}, times = 1): void => {
    const { channel, method = 'GET', status = 200, ms = 0 } = given;
    const exchange: Exchange = anExchange({
      method,
      ...(channel !== undefined && { channel: aCompiledChannel('event', { id: channel }) }),
    });
    exchange.status = status;
    exchange.error = given.error ?? null;
    exchange.attempts = given.attempts ?? 0;
    exchange.calledTill = exchange.calledAt + (given.backendMs ?? 0);
    // A reading of the clock that a double holds exactly, so that differences are what a test says.
    Object.assign(exchange, { startedAt: 1024 });
    for (let index = 0; index < times; index++) metrics.count(exchange, exchange.startedAt + ms);
  };
  return { metrics, samples, count, sources };
}

/** Label `le` → cumulated count. */
const buckets = (samples: readonly Sample[]): Record<string, number> =>
  Object.fromEntries(
    samples.filter(({ name }) => name.endsWith('_bucket')).map(({ labels, value }) => [String(labels.le), value]),
  );

describe('requests by channel, method and status', () => {
  it('are counted apart', () => {
    const { count, samples } = someMetrics();
    count({ channel: 'a' }, 2);
    count({ channel: 'a', status: 404 });
    count({ channel: 'a', method: 'POST' });
    count({ channel: 'b' });
    expect(samples('sluice_requests_total').map(({ labels, value }) => [...Object.values(labels), value])).toEqual([
      ['a', 'GET', 200, 2],
      ['a', 'GET', 404, 1],
      ['a', 'POST', 200, 1],
      ['b', 'GET', 200, 1],
    ]);
  });
  it('of no channel count under none', () => {
    const { count, samples } = someMetrics();
    count({ status: 404 });
    expect(samples('sluice_requests_total')[0]!.labels).toEqual({ channel: 'none', method: 'GET', status: 404 });
  });
  it('with a method that the wire refuses count under other', () => {
    const { count, samples } = someMetrics();
    count({ method: 'PROPFIND', status: 405 });
    count({ method: 'EVIL', status: 405 });
    expect(samples('sluice_requests_total')).toMatchObject([{ labels: { method: 'other' }, value: 2 }]);
  });
});

describe('the histogram of durations', () => {
  const NAME = 'sluice_request_duration_seconds';

  it('has buckets up to a minute', () => {
    const { count, samples } = someMetrics();
    count();
    expect(Object.keys(buckets(samples(NAME)))).toEqual(
      expect.arrayContaining([
        ...['0.001', '0.0025', '0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '30'],
        ...['60', '+Inf'],
      ]),
    );
  });
  it('counts a request in the bucket of its duration and in all above', () => {
    const { count, samples } = someMetrics();
    count({ ms: 3 });
    const found = buckets(samples(NAME));
    expect([found['0.0025'], found['0.005'], found['0.01'], found['+Inf']]).toEqual([0, 1, 1, 1]);
  });
  it('counts a duration that is a bound in that bucket', () => {
    const { count, samples } = someMetrics();
    count({ ms: 500 });
    const found = buckets(samples(NAME));
    expect([found['0.25'], found['0.5']]).toEqual([0, 1]);
  });
  it('counts what takes longer than a minute in +Inf alone', () => {
    const { count, samples } = someMetrics();
    count({ ms: 61_000 });
    const found = buckets(samples(NAME));
    expect([found['60'], found['+Inf']]).toEqual([0, 1]);
  });
  it('has the sum of seconds and the number of requests', () => {
    const { count, samples } = someMetrics();
    count({ ms: 250 }, 3);
    count({ ms: 1000 });
    const [sum, number] = samples(NAME).slice(-2);
    expect([sum!.name, number!.name, number!.value]).toEqual([`${NAME}_sum`, `${NAME}_count`, 4]);
    expect(sum!.value).toBeCloseTo(1.75, 6);
  });
});

describe('calls to runners', () => {
  it('count each try, and the time that they took', () => {
    const { count, samples } = someMetrics();
    count({ channel: 'a', attempts: 3, backendMs: 1500 }, 2);
    count({ channel: 'a' });
    expect(samples('sluice_backend_calls_total')).toMatchObject([{ labels: { channel: 'a' }, value: 6 }]);
    expect(samples('sluice_backend_seconds_total')[0]!.value).toBeCloseTo(3, 6);
  });
});

describe('errors', () => {
  it('are counted by name', () => {
    const { metrics, count, samples } = someMetrics();
    count({ error: 'TOKEN_MISSING', status: 401 }, 2);
    count();
    metrics.countError('REQUEST_UNREADABLE');
    expect(samples('sluice_errors_total')).toMatchObject([
      { labels: { error: 'TOKEN_MISSING' }, value: 2 },
      { labels: { error: 'REQUEST_UNREADABLE' }, value: 1 },
    ]);
  });
});

describe('series', () => {
  it('are bounded: past 1,000 channels the others count as one', () => {
    const { count, samples } = someMetrics();
    for (let index = 0; index < 1200; index++) count({ channel: `c${index}` });
    const found = samples('sluice_requests_total');
    expect(found).toHaveLength(1001);
    expect(found.find(({ labels }) => labels.channel === 'other')?.value).toBe(200);
  });
  it('of a known channel go on past that bound', () => {
    const { count, samples } = someMetrics();
    for (let index = 0; index < 1200; index++) count({ channel: `c${index}` });
    count({ channel: 'c5' });
    expect(samples('sluice_requests_total').find(({ labels }) => labels.channel === 'c5')?.value).toBe(2);
  });
});

describe('what is counted besides', () => {
  it('are origins that were ignored and requests in flight', () => {
    const { metrics, samples } = someMetrics(7);
    metrics.ignoredOrigin();
    expect(samples('sluice_origins_ignored_total')[0]!.value).toBe(1);
    expect(samples('sluice_requests_in_flight')[0]!.value).toBe(7);
  });
});
