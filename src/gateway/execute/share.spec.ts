import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shareOf } from './share.js';

describe('a worker’s share of a bound', () => {
  it('is all of it where there is one', () => {
    expect(shareOf(500, { worker: 0, workers: 1 })).toBe(500);
  });
  it.each([
    [500, 4, [125, 125, 125, 125]],
    [10, 4, [3, 3, 2, 2]],
    [2, 4, [1, 1, 1, 1]],
    [Infinity, 2, [Infinity, Infinity]],
  ])('of %d for %i workers', (bound, workers, shares) => {
    expect(shares.map((_, worker) => shareOf(bound, { worker, workers }))).toEqual(shares);
  });
  it('sums up to the bound, and is at least 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 64 }), (bound, workers) => {
        const shares = Array.from({ length: workers }, (_, worker) => shareOf(bound, { worker, workers }));
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
        expect(shares.reduce((sum, share) => sum + share)).toBe(Math.max(bound, workers));
      }),
    );
  });
});
