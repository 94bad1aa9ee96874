import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GATHER_MS, Gatherer } from './gatherer.js';
import { PastMetrics } from './past-metrics.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function someGatherer() {
  const asked: [number, number][] = [];
  return { asked, gatherer: new Gatherer((slot, id) => void asked.push([slot, id])) };
}

describe('what is asked of all workers', () => {
  it('is complete with the last answer', async () => {
    const { asked, gatherer } = someGatherer();
    const gathered = gatherer.gather('metrics', [0, 2]);
    expect(asked).toEqual([
      [0, 1],
      [2, 1],
    ]);
    gatherer.answered(2, 1, 'two');
    gatherer.answered(0, 1, 'zero');
    expect([...(await gathered)].sort()).toEqual([
      [0, 'zero'],
      [2, 'two'],
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });
  it('goes without who says nothing for 2 s, and late answers are ignored', async () => {
    const { gatherer } = someGatherer();
    const gathered = gatherer.gather('metrics', [0, 1]);
    gatherer.answered(0, 1, 'zero');
    jest.advanceTimersByTime(GATHER_MS);
    expect([...(await gathered).keys()]).toEqual([0]);
    gatherer.answered(1, 1, 'late');
  });
  it('does not wait for one that ends, or that cannot answer', async () => {
    const { gatherer } = someGatherer();
    const gathered = gatherer.gather('metrics', [0, 1, 2]);
    gatherer.answered(0, 1, 'zero');
    gatherer.answered(1, 1, null);
    gatherer.ended(2);
    expect([...(await gathered)]).toEqual([[0, 'zero']]);
  });
  it('of nobody is nothing', async () => {
    expect([...(await someGatherer().gatherer.gather('findings', []))]).toEqual([]);
  });
});

describe('what workers counted that ended', () => {
  const told = (value: number): string =>
    JSON.stringify([
      { name: 'c', help: '', type: 'counter', aggregator: 'sum', values: [{ labels: {}, value }] },
      { name: 'g', help: '', type: 'gauge', aggregator: 'sum', values: [{ labels: {}, value }] },
    ]);
  const counted = (texts: readonly string[]) =>
    texts.map((text) =>
      (JSON.parse(text) as { name: string; values: { value: number }[] }[]).map(({ name, values }) => [
        name,
        values[0]!.value,
      ]),
    );

  it('adds up, without how things were', () => {
    const past = new PastMetrics();
    for (const value of [5, 7]) {
      past.told(0, told(value - 1));
      past.told(0, told(value));
      past.endedAt(0);
    }
    expect(counted(past.of([]))).toEqual([[['c', 12]]]);
  });
  it('is nothing where it was never told', () => {
    const past = new PastMetrics();
    past.endedAt(0);
    expect(past.of([0])).toEqual([]);
  });
  it('is kept for who does not answer just now', () => {
    const past = new PastMetrics();
    past.told(1, told(3));
    expect(past.of([1])).toEqual([told(3)]);
  });
});
