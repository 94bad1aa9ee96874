import { describe, expect, it } from '@jest/globals';
import { BackOff } from './back-off.js';

const delays = (random: () => number, count: number): number[] => {
  const backOff = new BackOff(250, 10_000, random);
  return Array.from({ length: count }, () => backOff.take());
};

describe('delays after failures', () => {
  it('double from the first to the longest', () => {
    expect(delays(() => 1, 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });
  it('are in the upper half of their step, and never below the first', () => {
    expect(delays(() => 0, 8)).toEqual([250, 250, 500, 1000, 2000, 4000, 5000, 5000]);
  });
  it('begin anew after a success', () => {
    const backOff = new BackOff(250, 10_000, () => 1);
    backOff.take();
    backOff.take();
    backOff.reset();
    expect(backOff.take()).toBe(250);
  });
});
