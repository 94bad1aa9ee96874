import { describe, expect, it } from '@jest/globals';
import { userRatePlanOf } from './user-rate-plan.js';
import { UserRates } from './user-rates.js';

const USERS = 1_000_000;
const MOST = 10_000;
const STAYS = { cancelled: false, onCancel: () => undefined };

describe('a million users', () => {
  it('stay within the buckets that are configured, and each is let in', () => {
    const plan = userRatePlanOf({ period: 1, globalDefault: 5 }, '/userRateLimit', 'shop').plan!;
    const rates = new UserRates({ mostBuckets: MOST, expiryMs: 120_000, report: () => undefined });
    const link = rates.on(null);
    let [largest, refused] = [0, 0];
    for (let user = 0; user < USERS; user++) {
      const buckets = plan.bucketsOf({ path: '/a', userId: `u${user}`, userType: null, address: '192.0.2.1' });
      if (link.take(buckets, STAYS) !== null) refused++;
      largest = Math.max(largest, rates.size);
    }
    expect(refused).toBe(0);
    expect(largest).toBeLessThanOrEqual(MOST);
    expect(largest).toBeGreaterThan(MOST / 4);
  }, 60_000);
});
