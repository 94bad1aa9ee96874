import { describe, expect, it } from '@jest/globals';
import { ConsulIndex } from './consul-index.js';

const after = (...headers: string[]): string => {
  const index = new ConsulIndex();
  for (const header of headers) index.take(header);
  return index.text;
};

describe('the index of a blocking query', () => {
  it('is zero at first, and then the last one', () => {
    expect([after(), after('5'), after('5', '5'), after('5', '7')]).toEqual(['0', '5', '5', '7']);
  });
  it('begins anew where it went back, and takes the next one', () => {
    expect([after('7', '5'), after('7', '5', '5')]).toEqual(['0', '5']);
  });
  it.each(['', '0', '-1', 'x', '1.5', '9'.repeat(21)])('is zero for %j', (header) => {
    expect(after('7', header)).toBe('0');
  });
  it('is exact beyond what a number holds', () => {
    expect(after('18446744073709551614', '18446744073709551615')).toBe('18446744073709551615');
    expect(after('18446744073709551615', '18446744073709551614')).toBe('0');
  });
});
