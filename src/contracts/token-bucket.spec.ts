import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { giveBack, refill, setTo, spend, tokensIn, usToFull, usToNextToken, type Bucket } from './token-bucket.js';

const aBucket = (atUs = 0): Bucket => ({ debt: 0, atUs });
const rate = { limit: 4, periodUs: 1000 };

function takeUpTo(bucket: Bucket, of: typeof rate, count: number): number {
  const taken = Math.min(count, tokensIn(bucket, of));
  spend(bucket, of, taken);
  return taken;
}

describe('a bucket of 4 tokens a millisecond', () => {
  it('begins full, gives no more than it has, and refills steadily', () => {
    const bucket = aBucket();
    expect([takeUpTo(bucket, rate, 9), tokensIn(bucket, rate), usToNextToken(bucket, rate, 0)]).toEqual([4, 0, 250]);
    refill(bucket, rate, 249);
    expect([tokensIn(bucket, rate), usToNextToken(bucket, rate, 249)]).toEqual([0, 1]);
    refill(bucket, rate, 250);
    expect([tokensIn(bucket, rate), usToNextToken(bucket, rate, 250)]).toEqual([1, 250]);
    refill(bucket, rate, 999);
    expect([tokensIn(bucket, rate), usToFull(bucket, rate, 999)]).toEqual([3, 1]);
  });
  it('saves nothing up over a quiet hour', () => {
    const bucket = aBucket();
    takeUpTo(bucket, rate, 4);
    refill(bucket, rate, 3_600_000_000);
    expect([takeUpTo(bucket, rate, 9), takeUpTo(bucket, rate, 9)]).toEqual([4, 0]);
  });
  it('takes tokens back, but never holds more than 4', () => {
    const bucket = aBucket();
    takeUpTo(bucket, rate, 3);
    giveBack(bucket, rate, 2);
    expect(tokensIn(bucket, rate)).toBe(3);
    giveBack(bucket, rate, 2);
    expect(tokensIn(bucket, rate)).toBe(4);
  });
  it('refills nothing while the clock is behind, and is never behind for longer than a period', () => {
    const bucket = aBucket(1_000_000);
    takeUpTo(bucket, rate, 4);
    refill(bucket, rate, 999_500);
    expect([tokensIn(bucket, rate), usToNextToken(bucket, rate, 999_500)]).toEqual([0, 750]);
    refill(bucket, rate, 0);
    expect(usToNextToken(bucket, rate, 0)).toBe(1250);
    refill(bucket, rate, 2000);
    expect(tokensIn(bucket, rate)).toBe(4);
  });
});

describe('any bucket', () => {
  const rates = fc.record({
    limit: fc.integer({ min: 1, max: 1000 }),
    periodUs: fc.integer({ min: 1, max: 10_000_000 }),
  });
  const steps = fc.array(
    fc.record({
      us: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: -20_000_000, max: 3_600_000_000 }),
      ),
      take: fc.integer({ min: 0, max: 1200 }),
      back: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 40 },
  );

  it('is as a naive one in exact fractions', () => {
    fc.assert(
      fc.property(rates, steps, (of, run) => {
        const bucket = aBucket();
        // Tokens times the period, in whole numbers without a bound.
        const period = BigInt(of.periodUs);
        const full = BigInt(of.limit) * period;
        let held = full;
        let [now, at] = [0, 0];
        for (const { us, take, back } of run) {
          now += us;
          if (now > at) held = held + BigInt(now - at) * BigInt(of.limit);
          at = now > at ? now : Math.min(at, now + of.periodUs);
          held += BigInt(back) * period;
          if (held > full) held = full;
          refill(bucket, of, now);
          giveBack(bucket, of, back);
          const whole = Number(held / period);
          expect(tokensIn(bucket, of)).toBe(whole);
          held -= BigInt(takeUpTo(bucket, of, take)) * period;
          expect(tokensIn(bucket, of)).toBe(Number(held / period));
        }
      }),
    );
  });
  it('has its next token when it says so, and not before', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 1200 }), fc.nat(10_000_000), (of, take, us) => {
        const bucket = aBucket();
        takeUpTo(bucket, of, take);
        refill(bucket, of, us);
        const before = tokensIn(bucket, of);
        fc.pre(before < of.limit);
        const next = Math.ceil(usToNextToken(bucket, of, us));
        const at = (now: number): number => {
          const copy = { ...bucket };
          refill(copy, of, now);
          return tokensIn(copy, of);
        };
        expect([at(us + next) > before, at(us + Math.max(0, next - 1))]).toEqual([true, before]);
      }),
    );
  });
  it('can be told in two numbers, but for a microsecond', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 1200 }), fc.nat(10_000_000), (of, take, us) => {
        const [bucket, copy] = [aBucket(), aBucket(9)];
        takeUpTo(bucket, of, take);
        refill(bucket, of, us);
        const next = Math.ceil(usToNextToken(bucket, of, us));
        setTo(copy, of, { remaining: tokensIn(bucket, of), usToNextToken: next, nowUs: us });
        expect(tokensIn(copy, of)).toBe(tokensIn(bucket, of));
        expect(usToNextToken(copy, of, us)).toBeGreaterThanOrEqual(usToNextToken(bucket, of, us));
        expect(usToNextToken(copy, of, us)).toBeLessThanOrEqual(next);
      }),
    );
  });
});

/** What bucket4j gave: [µs since, returned, wanted, granted, remaining, µs to the next] each; see test/oracles/bucket4j/record.sh. */
type Recorded = {
  limit: number;
  periodUs: number;
  steps: readonly (readonly [number, number, number, number, number, number])[];
};
const RECORDED = JSON.parse(
  readFileSync(new URL('../../test/oracles/bucket4j/sequences.txt', import.meta.url), 'utf8'),
) as Recorded[];

describe('bucket4j', () => {
  it('gives the same for each of 3,000 recorded calls', () => {
    for (const { steps, ...of } of RECORDED) {
      const bucket = aBucket(1_000_000_000);
      let now = bucket.atUs;
      const ours = steps.map(([us, returned, wanted, , , theirNext]) => {
        now += us;
        refill(bucket, of, now);
        giveBack(bucket, of, returned);
        const granted = takeUpTo(bucket, of, wanted);
        const remaining = tokensIn(bucket, of);
        const next = usToNextToken(bucket, of, now);
        // While the clock is behind, bucket4j leaves out how far, or not.
        const isSame = now < bucket.atUs || Math.abs(next - theirNext) <= 1;
        return [us, returned, wanted, granted, remaining, isSame ? theirNext : next];
      });
      expect({ ...of, steps: ours }).toEqual({ ...of, steps });
    }
  });
});
