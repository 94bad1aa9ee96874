import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import { ModelRateStore } from '../../../../test/ratelimit/model-rate-store.js';
import {
  endRates,
  aPlan,
  passed,
  request,
  STAYS,
  theRates,
  verdictOf,
  verdicts,
} from '../../../../test/ratelimit/user-rates-kit.js';
import { limitItem, policyItem, standingOf } from './rate-limit-fields.js';
import type { RatedRequest } from './user-rate-plan.js';

afterEach(endRates);

describe('a limit of 4 a minute in this process', () => {
  const plan = aPlan({ globalDefault: 4 });

  it('lets 4 in at once, then one each 15 s, and says when', () => {
    const { rates, clock } = theRates();
    const link = rates.on(null);
    const take = () => link.take(plan.bucketsOf(request()), STAYS);
    expect([take(), take(), take(), take()]).toEqual([null, null, null, null]);
    expect(take()).toEqual({
      kind: 'refused',
      policy: 'user',
      retryAfterMs: 15_000,
      limit: 4,
      periodMs: 60_000,
      remaining: 0,
    });
    clock.advance(14_999);
    expect(take()).toMatchObject({ retryAfterMs: 1 });
    clock.advance(1);
    expect([take(), take()]).toMatchObject([null, { retryAfterMs: 15_000 }]);
  });
  it('saves up no tokens over a quiet day', async () => {
    const { rates, clock } = theRates();
    const link = rates.on(null);
    await verdicts(link, plan, 4);
    clock.advance(86_400_000);
    expect(passed(await verdicts(link, plan, 9))).toBe(4);
  });
  it('is not had anew by who stays away until the bucket is forgotten', async () => {
    const { rates, clock } = theRates();
    const link = rates.on(null);
    const hourly = aPlan({ period: 60, globalDefault: 4 });
    await verdicts(link, hourly, 4);
    clock.advance(600_000);
    expect(await verdicts(link, hourly, 1)).toEqual(['user']);
  });
  it('knows users apart', async () => {
    const { rates } = theRates();
    const link = rates.on(null);
    await verdicts(link, plan, 4);
    expect([await verdictOf(link, plan), await verdictOf(link, plan, { userId: 'bob' })]).toEqual(['user', 'in']);
  });
  it('outlasts a reload that does not change it, and begins anew with another limit', async () => {
    const { rates } = theRates();
    const link = rates.on(null);
    await verdicts(link, plan, 4);
    expect(await verdictOf(rates.on(null), aPlan({ globalDefault: 4, useBatching: true }))).toBe('user');
    expect(await verdictOf(rates.on(null), aPlan({ globalDefault: 5 }))).toBe('in');
  });
  it('is as a naive bucket, whatever comes when', () => {
    const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat(40_000), fc.constantFrom(15_000, 60_000, 3_600_000)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(pauses, (run) => {
        const { rates, clock } = theRates();
        const link = rates.on(null);
        let tokens = 4 * 60_000;
        for (const pause of run) {
          clock.advance(pause);
          tokens = Math.min(4 * 60_000, tokens + pause * 4);
          const isIn = tokens >= 60_000;
          if (isIn) tokens -= 60_000;
          expect(link.take(plan.bucketsOf(request()), STAYS) === null).toBe(isIn);
        }
      }),
    );
  });
});

describe('several buckets of one request', () => {
  it('are charged all or none', () => {
    const { rates, clock } = theRates();
    const link = rates.on(null);
    const plan = aPlan({ identifier: 'both', globalTypes: { user: 10, ip: 2 } });
    const take = (given: Partial<RatedRequest>) => link.take(plan.bucketsOf(request(given)), STAYS);
    expect([take({}), take({})]).toEqual([null, null]);
    for (let times = 0; times < 20; times++) expect(take({})).toMatchObject({ policy: 'ip' });
    const buckets = plan.bucketsOf(request({ address: '192.0.2.9' }));
    expect(link.take(buckets, STAYS)).toBeNull();
    expect(standingOf(buckets[0]!, clock.now()).remaining).toBe(7);
  });
  it('are charged all or none where a store has them', async () => {
    const { rates, clock } = theRates();
    const link = rates.on(new ModelRateStore(() => clock.now()));
    const plan = aPlan({ identifier: 'both', globalTypes: { user: 50, ip: 2 } });
    expect(await verdicts(link, plan, 22)).toEqual(['in', 'in', ...Array<string>(20).fill('ip')]);
    const others = [];
    for (let address = 0; address < 60; address++)
      others.push(await verdictOf(link, plan, { address: `192.0.2.${address + 10}` }));
    expect(passed(others)).toBe(48);
  });
  it('refuse everybody where the limit is 0', async () => {
    const { rates, clock } = theRates();
    const plan = aPlan({ globalDefault: 0 });
    const store = new ModelRateStore(() => clock.now());
    expect([await verdictOf(rates.on(null), plan), await verdictOf(rates.on(store), plan), store.asked.length]).toEqual(
      ['user', 'user', 0],
    );
  });
});

describe('RateLimit fields', () => {
  it('tell what is left, leased or not, and when it is full again', async () => {
    const { rates, clock } = theRates();
    const link = rates.on(new ModelRateStore(() => clock.now()));
    const plan = aPlan({ globalDefault: 100 });
    const buckets = plan.bucketsOf(request());
    await link.take(buckets, STAYS);
    expect(policyItem(buckets[0]!.spec)).toBe('"user";q=100;w=60');
    expect([limitItem(buckets[0]!, clock.now()), standingOf(buckets[0]!, clock.now())]).toEqual([
      ...['"user";r=99;t=1', { remaining: 99, resetMs: 600 }],
    ]);
    for (let times = 0; times < 57; times++) await link.take(plan.bucketsOf(request()), STAYS);
    expect(limitItem(buckets[0]!, clock.now())).toBe('"user";r=42;t=35');
    clock.advance(60_000);
    expect(limitItem(buckets[0]!, clock.now())).toMatch(/^"user";r=100;t=0$/);
  });
  it('are those of a full bucket where nobody has asked, and of none where the limit is 0', () => {
    const bucket = aPlan({ globalDefault: 9 }).bucketsOf(request())[0]!;
    expect(standingOf(bucket, 0)).toEqual({ remaining: 9, resetMs: 0 });
    const closed = aPlan({ globalDefault: 0, period: 'PT0.5S' }).bucketsOf(request())[0]!;
    expect(policyItem(closed.spec)).toBe('"user";q=0;w=1');
  });
});

describe('buckets that are known', () => {
  it('stay within the bound, whoever comes', async () => {
    const { rates, clock } = theRates({ mostBuckets: 1000 });
    const plan = aPlan({ identifier: 'both', globalDefault: 5, pathsDefault: 5 });
    const links = [rates.on(null), rates.on(new ModelRateStore(() => clock.now()))];
    for (let user = 0; user < 3000; user++) {
      for (const link of links)
        await verdictOf(link, plan, {
          userId: `u${user}`,
          address: `10.${user >> 8}.${user & 255}.1`,
          path: `/${user}`,
        });
      expect(rates.size).toBeLessThanOrEqual(1000);
    }
  });
  it('are forgotten after a while, their leases given back', async () => {
    const { rates, clock } = theRates();
    const store = new ModelRateStore(() => clock.now());
    const plan = aPlan({ globalDefault: 100 });
    for (let user = 0; user < 100; user++) await verdictOf(rates.on(store), plan, { userId: `u${user}` });
    expect(rates.size).toBe(100);
    clock.advance(300_000);
    await setImmediate();
    expect(rates.size).toBe(0);
    expect(store.asked.at(-1)!.reduce((sum, { returned }) => sum + returned, 0)).toBe(400);
  });
});
