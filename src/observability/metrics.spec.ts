import { afterEach, describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

const opened: Metrics[] = [];
function someMetrics(): Metrics {
  const metrics = new Metrics('admin-prod');
  opened.push(metrics);
  return metrics;
}
afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close();
});

describe('metrics in the text format of Prometheus', () => {
  const gauge = (text: string) => text.split('\n').filter((line) => line.includes('sluice_test'));

  it('carry the gateway as a label', async () => {
    const metrics = someMetrics();
    metrics.addGauge('sluice_test', 'A test.', () => 3);
    expect(gauge(await metrics.text())).toEqual([
      '# HELP sluice_test A test.',
      '# TYPE sluice_test gauge',
      'sluice_test{gateway="admin-prod"} 3',
    ]);
  });
  it('are read when somebody asks, not before', async () => {
    const metrics = someMetrics();
    let reads = 0;
    metrics.addCounter('sluice_test', 'A test.', () => ++reads);
    expect(reads).toBe(0);
    await metrics.text();
    expect(gauge(await metrics.text())[2]).toBe('sluice_test{gateway="admin-prod"} 2');
  });
  it('have labels of their own, escaped', async () => {
    const metrics = someMetrics();
    metrics.add({
      name: 'sluice_test',
      help: 'A test.',
      type: 'counter',
      samples: () => [{ name: 'sluice_test', labels: { channel: 'a"\\\n' }, value: 1 }],
    });
    expect(gauge(await metrics.text())[2]).toContain('channel="a\\"\\\\\\n"');
  });
  it('write the buckets of a histogram under their own names', async () => {
    const metrics = someMetrics();
    metrics.add({
      name: 'sluice_test',
      help: 'A test.',
      type: 'histogram',
      samples: () => [
        { name: 'sluice_test_bucket', labels: { le: 0.5 }, value: 1 },
        { name: 'sluice_test_bucket', labels: { le: '+Inf' }, value: 2 },
        { name: 'sluice_test_count', labels: {}, value: 2 },
      ],
    });
    const lines = gauge(await metrics.text()).slice(2);
    expect(lines.map((line) => line.replace('gateway="admin-prod"', '').replace(',}', '}').replace('{,', '{'))).toEqual(
      ['sluice_test_bucket{le="0.5"} 1', 'sluice_test_bucket{le="+Inf"} 2', 'sluice_test_count{} 2'],
    );
  });
  it('of one name cannot be registered twice', () => {
    const metrics = someMetrics();
    metrics.addGauge('sluice_test', 'A test.', () => 0);
    expect(() => metrics.addGauge('sluice_test', 'A test.', () => 0)).toThrow('sluice_test');
  });
  it('say which version of the format they are in', () => {
    expect(someMetrics().contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});
