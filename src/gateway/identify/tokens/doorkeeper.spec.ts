import { describe, expect, it } from '@jest/globals';
import { Doorkeeper } from './doorkeeper.js';
import { tokenDigest } from './verified-tokens.js';

describe('a doorkeeper', () => {
  it('has met nobody at first, and whoever came before', () => {
    const doorkeeper = new Doorkeeper();
    const digests = Array.from({ length: 100 }, (_, index) => tokenDigest(`token ${index}`));
    expect(digests.filter((digest) => doorkeeper.hasMet(digest))).toEqual([]);
    // Two of a hundred may share a slot.
    expect(digests.filter((digest) => doorkeeper.hasMet(digest)).length).toBeGreaterThan(95);
  });
  it('takes hardly anybody for another', () => {
    const doorkeeper = new Doorkeeper();
    let mistaken = 0;
    for (let index = 0; index < 100_000; index++) if (doorkeeper.hasMet(tokenDigest(`other ${index}`))) mistaken++;
    expect(mistaken).toBeLessThan(5);
  });
});
