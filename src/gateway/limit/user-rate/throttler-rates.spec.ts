import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../../test/support/manual-clock.js';
import { ModelRateStore } from '../../../../test/ratelimit/model-rate-store.js';
import { ThrottlerRates } from './throttler-rates.js';
import { UserRates } from './user-rates.js';

describe('calls that the throttler counts', () => {
  it.each(['in this process', 'in a store'])('are refused past the limit %s, and come back steadily', async (where) => {
    const clock = new ManualClock();
    const rates = new UserRates({ mostBuckets: 100, expiryMs: 60_000, report: () => undefined, clock });
    const link = rates.on(where === 'in a store' ? new ModelRateStore(() => clock.now()) : null);
    const storage = new ThrottlerRates(
      () => link,
      () => clock.now(),
    );
    const call = (key: string) => storage.increment(key, 60_000, 6, 0, 'default');
    const hits = [];
    for (let index = 0; index < 6; index++) hits.push(await call('a'));
    expect(hits.map(({ totalHits, isBlocked }) => [totalHits, isBlocked])).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => [n, false]),
    );
    expect(hits[5]).toMatchObject({ timeToExpire: 60, timeToBlockExpire: 0 });
    expect(await call('a')).toEqual({ totalHits: 7, timeToExpire: 60, isBlocked: true, timeToBlockExpire: 10 });
    expect((await call('b')).isBlocked).toBe(false);
    clock.advance(10_000);
    expect([(await call('a')).isBlocked, (await call('a')).isBlocked]).toEqual([false, true]);
    const flushed = rates.flush(0);
    clock.advance(0);
    await flushed;
  });
});
