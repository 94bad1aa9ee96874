import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalRuleKey, normalTarget } from './rule-key.js';

const normal = (key: string): string => {
  const result = normalRuleKey(key);
  return 'normal' in result ? result.normal : `problem: ${result.problem}`;
};

describe('key of a path rule', () => {
  it('has a leading slash and no empty segments', () => {
    expect(['product', '/product', '/product/', '//product//list'].map(normal)).toEqual([
      '/product',
      '/product',
      '/product',
      '/product/list',
    ]);
  });
  it('may be * or end in /*', () => {
    expect(['*', '/*', 'product/*', '/product//*'].map(normal)).toEqual(['*', '*', '/product/*', '/product/*']);
  });
  it('has each segment decoded once', () => {
    expect(['caf%C3%A9', 'a%2520b'].map(normal)).toEqual(['/café', '/a%20b']);
  });
  it('loses the extension that chooses a format, but not a name that is one', () => {
    expect(['report.csv', 'a/report.json', '.json', 'photo.png', 'v1.2'].map(normal)).toEqual([
      '/report',
      '/a/report',
      '/.json',
      '/photo.png',
      '/v1.2',
    ]);
    expect(normalRuleKey('report.csv', true)).toEqual({ normal: '/report.csv' });
  });
  it.each([
    '',
    '/',
    'a/../b',
    './a',
    '%2e%2e/a',
    'a%2Fb',
    'a\\b',
    'a%5Cb',
    'a;b',
    'a%3Bb',
    'a%00',
    'a\nb',
    'a%zz',
    'a*',
    '*/a',
    'a/*/b',
  ])('is refused: %j', (key) => expect(normal(key)).toMatch(/^problem: /));
  it('stays as it is in normal form, unless it holds a percent sign', () => {
    const segment = fc.string({ unit: fc.constantFrom('a', 'B', '.', '-', 'é', ' ', '/', '*', '+', '%41') });
    fc.assert(
      fc.property(segment, (key) => {
        const first = normalRuleKey(key);
        fc.pre('normal' in first && !first.normal.includes('%') && !/\.(json|xml|html|txt|csv)$/.test(first.normal));
        expect(normalRuleKey((first as { normal: string }).normal)).toEqual(first);
      }),
    );
  });
});

describe('target of an alias', () => {
  it('may be the root, and keeps its extension', () => {
    expect([normalTarget(''), normalTarget('card.json')]).toEqual([{ normal: '/' }, { normal: '/card.json' }]);
  });
});
