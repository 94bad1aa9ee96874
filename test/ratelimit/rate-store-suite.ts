import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Lease, LeaseRequest, RateStore } from '../../src/contracts/rate-store.js';
import { until } from '../support/until.js';
import { ModelRateStore } from './model-rate-store.js';

export interface StorePlace {
  /** Another client of the same buckets; waits for answers as long as a test may take. */
  open(): RateStore;
  /** Buckets that are kept. */
  count(): Promise<number>;
  /** Drops what is full, where that does not happen by itself. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

const YEAR_MS = 365 * 86_400_000;
const aKey = (): string => createHash('sha256').update(randomUUID()).digest('base64url');
const request = (given: Partial<LeaseRequest> = {}): LeaseRequest => ({
  ...{ key: aKey(), limit: 10, periodMs: YEAR_MS, need: 1, ahead: 0, returned: 0 },
  ...given,
});
const grants = (leases: readonly Lease[]): number[] => leases.map(({ granted }) => granted);

/** What holds of a store of rates, wherever its buckets are. */
export function rateStoreSuite(aPlace: () => Promise<StorePlace>): void {
  let place: StorePlace;
  let [here, there]: RateStore[] = [];
  beforeAll(async () => {
    place = await aPlace();
    [here, there] = [place.open(), place.open()];
    await Promise.all([here, there].map((store) => store.lease([request()])));
  });
  afterAll(() => place.close());

  it('gives what is needed and a part of the rest ahead, from one bucket to all', async () => {
    const key = aKey();
    const [first] = await here!.lease([request({ key, ahead: 4 })]);
    expect(first).toMatchObject({ granted: 3, remaining: 7 });
    const [second] = await there!.lease([request({ key, need: 9 })]);
    expect(second).toMatchObject({ granted: 7, remaining: 0 });
    const [third] = await here!.lease([request({ key })]);
    expect(third).toMatchObject({ granted: 0, remaining: 0 });
    expect(third!.msToNextToken / (YEAR_MS / 10)).toBeCloseTo(1, 3);
  });
  it('takes back what was not spent, and never holds more than the limit', async () => {
    const key = aKey();
    await here!.lease([request({ key, need: 4 })]);
    expect(await there!.lease([request({ key, need: 0, returned: 3 })])).toMatchObject([{ granted: 0, remaining: 9 }]);
    expect(await here!.lease([request({ key, need: 0, returned: 8 })])).toMatchObject([
      { granted: 0, remaining: 10, msToNextToken: 0 },
    ]);
  });
  it('answers many buckets in one call, in order, one of them twice', async () => {
    const keys = Array.from({ length: 400 }, aKey);
    const asked = keys.map((key, index) => request({ key, limit: 1 + (index % 3), need: 2 }));
    const leases = await here!.lease([...asked, request({ key: keys[2]!, limit: 3, need: 5, ahead: 0 })]);
    expect(grants(leases)).toEqual([...keys.map((_, index) => Math.min(2, 1 + (index % 3))), 1]);
  });
  it('refills by its own clock, and forgets what is full', async () => {
    const key = aKey();
    const rate = { key, limit: 5, periodMs: 500 };
    await place.sweep();
    const before = await place.count();
    expect(grants(await here!.lease([request({ ...rate, need: 9 })]))).toEqual([5]);
    const [empty] = await there!.lease([request({ ...rate, need: 0 })]);
    expect(empty!.msToNextToken).toBeLessThanOrEqual(100);
    expect(await place.count()).toBe(before + 1);
    await until(async () => (await there!.lease([request({ ...rate, need: 0 })]))[0]!.remaining >= 2);
    await until(async () => {
      await place.sweep();
      return (await place.count()) === before;
    });
    expect(await here!.lease([request({ ...rate, need: 0 })])).toMatchObject([{ remaining: 5, msToNextToken: 0 }]);
  });
  it.each([1_000_000_000, 1])('holds a limit of %i', async (limit) => {
    const key = aKey();
    expect(await here!.lease([request({ key, limit, need: limit })])).toMatchObject([{ granted: limit, remaining: 0 }]);
  });
  it('gives what a simple model gives', async () => {
    const steps = fc.array(
      fc.record({
        which: fc.nat(3),
        need: fc.nat(12),
        ahead: fc.nat(8),
        returned: fc.oneof(fc.constant(0), fc.nat(6)),
        isThere: fc.boolean(),
      }),
      { maxLength: 15 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        const model = new ModelRateStore(() => 0);
        const keys = [aKey(), aKey(), aKey(), aKey()];
        for (const { which, isThere, ...asked } of run) {
          const wanted = request({ key: keys[which]!, limit: 1 + which * 7, ...asked });
          const [expected] = await model.lease([wanted]);
          const [given] = await (isThere ? there! : here!).lease([wanted]);
          expect([given!.granted, given!.remaining]).toEqual([expected!.granted, expected!.remaining]);
        }
      }),
      { numRuns: 40 },
    );
  });

  describe('20,000 leases at once by 4 clients', () => {
    it('get as many tokens as there are', async () => {
      const key = aKey();
      const stores = [here!, there!, place.open(), place.open()];
      const startedAt = performance.now();
      const all = await Promise.all(
        stores.flatMap((store) =>
          Array.from({ length: 5000 }, () => store.lease([request({ key, limit: 7000, periodMs: 86_400_000 })])),
        ),
      );
      const ms = performance.now() - startedAt;
      process.stdout.write(`  20,000 leases by 4 clients: ${Math.round(ms)} ms\n`);
      const granted = all.flat().reduce((sum, lease) => sum + lease.granted, 0);
      expect(granted).toBeGreaterThanOrEqual(7000);
      expect(granted).toBeLessThanOrEqual(7000 + Math.ceil((7000 * (ms + 100)) / 86_400_000));
    });
  });
}
