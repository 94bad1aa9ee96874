import { describe, expect, it } from '@jest/globals';
import { anAddress } from '../../../../test/support/told-instances.js';
import { distinct, signatureOf } from './look.js';

describe('lists of instances', () => {
  it('say the same in any order', () => {
    const [a, b] = [anAddress('a'), anAddress('b')];
    expect(signatureOf([a, b])).toBe(signatureOf([b, a]));
  });
  it.each([{ host: 'b' }, { port: 81 }, { weight: 2 }, { priority: 1 }])('differ by %j', (change) => {
    expect(signatureOf([{ ...anAddress('a'), ...change }])).not.toBe(signatureOf([anAddress('a')]));
  });
  it('have each place once, in its better priority', () => {
    const worse = anAddress('a', { priority: 2 });
    const better = anAddress('a', { priority: 1, weight: 5 });
    const other = anAddress('a', { port: 81 });
    expect(distinct([worse, better, other, worse])).toEqual([better, other]);
  });
});
