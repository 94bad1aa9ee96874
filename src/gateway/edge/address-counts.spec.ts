import { describe, expect, it } from '@jest/globals';
import { AddressCounts } from './address-counts.js';

const MINUTE_MS = 60_000;
const LIMIT = 2;

function counting(mostAddresses?: number) {
  const clock = { nowMs: 1000 };
  const counts = new AddressCounts(() => clock.nowMs, mostAddresses);
  const call = (address: string) => counts.increment(address, MINUTE_MS, LIMIT);
  const isBlocked = async (address: string) => (await call(address)).isBlocked;
  return { clock, counts, call, isBlocked };
}

describe('calls of an address', () => {
  it('are counted from its first call on', async () => {
    const { clock, call } = counting();
    expect(await call('a')).toEqual({ totalHits: 1, timeToExpire: 60, isBlocked: false, timeToBlockExpire: 0 });
    clock.nowMs += 10_001;
    expect(await call('a')).toMatchObject({ totalHits: 2, timeToExpire: 50 });
  });
  it('are blocked past the limit, until the window ends', async () => {
    const { clock, call, isBlocked } = counting();
    expect([await isBlocked('a'), await isBlocked('a'), await isBlocked('a')]).toEqual([false, false, true]);
    clock.nowMs += MINUTE_MS - 1;
    expect(await call('a')).toEqual({ totalHits: 4, timeToExpire: 1, isBlocked: true, timeToBlockExpire: 1 });
    clock.nowMs += 1;
    expect(await call('a')).toMatchObject({ totalHits: 1, isBlocked: false, timeToExpire: 60 });
  });
  it('are no other address’s', async () => {
    const { isBlocked } = counting();
    for (const address of ['a', 'a', 'b', 'b']) expect(await isBlocked(address)).toBe(false);
    expect([await isBlocked('a'), await isBlocked('b')]).toEqual([true, true]);
  });
});

describe('addresses', () => {
  it('are bounded in number, however many come', async () => {
    const { counts, call } = counting(100);
    for (let index = 0; index < 1000; index++) await call(`10.0.${index >> 8}.${index & 255}`);
    expect(counts.size).toBeLessThanOrEqual(100);
  });
  it('that call on are not forgotten for those that came and went', async () => {
    const { call, isBlocked } = counting(100);
    for (let index = 0; index < 1000; index++) {
      if (index % 40 === 0) await call('busy');
      await call(`other-${index}`);
    }
    expect(await isBlocked('busy')).toBe(true);
  });
});
