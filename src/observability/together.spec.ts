import { describe, expect, it } from '@jest/globals';
import { together, togetherText, type MetricValues } from './together.js';

const metric = (name: string, more: Partial<MetricValues> & { readonly values: readonly unknown[] }): MetricValues => ({
  ...{ name, help: 'A test.', type: 'counter', aggregator: 'sum' },
  ...more,
});
const valuesOf = (metrics: readonly MetricValues[]) =>
  metrics.flatMap(({ values }) => (values as { labels: object; value: number }[]).map(({ value }) => value));
const pair = (aggregator: string) =>
  [3, 5].map((value) => [metric('m', { type: 'gauge', aggregator, values: [{ labels: {}, value }] })]);

describe('metrics of several workers', () => {
  it('are summed by their labels', () => {
    const one = [metric('m', { values: [{ labels: { a: 'x' }, value: 1 }] })];
    const other = [
      metric('m', {
        values: [
          { labels: { a: 'x' }, value: 2 },
          { labels: { a: 'y' }, value: 5 },
        ],
      }),
    ];
    expect(valuesOf(together([one, other]))).toEqual([3, 5]);
  });
  it.each([
    ['max', 5],
    ['min', 3],
    ['omit', 5],
    ['average', 5],
  ])('come to their %s as %d', (aggregator, value) => {
    expect(valuesOf(together(pair(aggregator)))).toEqual([value]);
  });
  it('have the buckets of histograms summed', () => {
    const part = (value: number) => [
      metric('m', {
        type: 'histogram',
        values: [
          { metricName: 'm_bucket', labels: { le: 0.5 }, value },
          { metricName: 'm_count', labels: {}, value: value * 2 },
        ],
      }),
    ];
    expect(valuesOf(together([part(1), part(10)]))).toEqual([11, 22]);
  });
  it('have one that only one worker knows', () => {
    expect(valuesOf(together([[], [metric('m', { values: [{ labels: {}, value: 4 }] })]]))).toEqual([4]);
  });
});

describe('workers that ended', () => {
  it('stay in what counts up, and not in how things are', async () => {
    const part = (value: number) =>
      JSON.stringify([
        metric('sluice_up', { values: [{ labels: {}, value }] }),
        metric('sluice_now', { type: 'gauge', values: [{ labels: {}, value }] }),
      ]);
    const text = await togetherText([part(1)], [part(10)]);
    expect([/^sluice_up (\d+)$/m.exec(text)![1], /^sluice_now (\d+)$/m.exec(text)![1]]).toEqual(['11', '1']);
  });
});
