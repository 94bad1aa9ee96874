import { describe, expect, it } from '@jest/globals';
import { LEEWAY_MS, RevokedDigests } from './revoked-digests.js';

function someDigests(most?: number) {
  const clock = { now: 1_000_000 };
  return { clock, digests: new RevokedDigests(() => clock.now, most) };
}

describe('a revoked digest', () => {
  it('is known from the moment it is added, and new once', () => {
    const { clock, digests } = someDigests();
    expect(digests.has('a')).toBe(false);
    expect([digests.add('a', clock.now + 1000), digests.add('a', clock.now + 1000)]).toEqual([true, false]);
    expect([digests.has('a'), digests.has('b'), digests.size]).toEqual([true, false, 1]);
  });
  it('is kept for a minute after its end, and then goes with the next sweep', () => {
    const { clock, digests } = someDigests();
    digests.add('a', clock.now + 1000);
    clock.now += 1000 + LEEWAY_MS - 1;
    digests.sweep();
    expect(digests.has('a')).toBe(true);
    clock.now += 1;
    digests.sweep();
    expect([digests.has('a'), digests.size]).toEqual([false, 0]);
  });
  it('that ended long ago is not kept at all', () => {
    const { clock, digests } = someDigests();
    expect(digests.add('a', clock.now - LEEWAY_MS)).toBe(false);
    expect(digests.size).toBe(0);
  });
  it('stays where the clock jumps back', () => {
    const { clock, digests } = someDigests();
    digests.add('a', clock.now + 1000);
    clock.now -= 3_600_000;
    digests.sweep();
    expect(digests.has('a')).toBe(true);
  });
});

describe('with room for two', () => {
  it('the first goes for a third, and is counted', () => {
    const { clock, digests } = someDigests(2);
    for (const digest of ['a', 'b', 'c']) digests.add(digest, clock.now + 1000);
    expect(['a', 'b', 'c'].map((digest) => digests.has(digest))).toEqual([false, true, true]);
    expect([digests.size, digests.evicted]).toEqual([2, 1]);
  });
  it('one that has ended is not missed', () => {
    const { clock, digests } = someDigests(2);
    digests.add('a', clock.now + 1000);
    clock.now += 1000 + LEEWAY_MS;
    for (const digest of ['b', 'c']) digests.add(digest, clock.now + 1000);
    expect([digests.has('c'), digests.size, digests.evicted]).toEqual([true, 2, 0]);
  });
});
