import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { TailFilter } from './tail-filter.js';

const token = (): string => `eyJhbGciOiJIUzUxMiJ9.e30.${randomBytes(64).toString('base64url')}`;
const tokens = (count: number): string[] => Array.from({ length: count }, token);

describe('the filter of tokens that are kept', () => {
  it('never denies one of the last that were added', () => {
    const filter = new TailFilter(1000);
    const added = tokens(3500);
    for (const each of added) filter.add(each);
    expect(added.slice(-1000).every((each) => filter.mayHave(each))).toBe(true);
  });

  it('never denies one that somebody asks for, however many were added since', () => {
    const filter = new TailFilter(100);
    const kept = token();
    filter.add(kept);
    for (const each of tokens(1000)) {
      filter.add(each);
      expect(filter.mayHave(kept)).toBe(true);
    }
  });

  it.each([
    ['half full', 500],
    ['after many generations', 10_000],
  ])('denies nearly all others: %s', (_title, count) => {
    const filter = new TailFilter(1000);
    for (const each of tokens(count)) filter.add(each);
    const passed = tokens(5000).filter((each) => filter.mayHave(each)).length;
    expect(passed).toBeLessThan(5000 * 0.1);
  });

  it('takes what is short, and tells ends that are the same not apart', () => {
    const filter = new TailFilter(10);
    for (const short of ['', 'a', 'a.b.']) {
      filter.add(short);
      expect(filter.mayHave(short)).toBe(true);
    }
    const end = randomBytes(32).toString('base64url');
    filter.add(`a.${end}`);
    expect(filter.mayHave(`b.${end}`)).toBe(true);
  });
});
