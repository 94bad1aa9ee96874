import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { normalRuleKey, PathRules } from './path-rules.js';

const rulesOf = (...keys: string[]) =>
  new PathRules(
    keys.map((key) => [key, key] as const),
    'no rule',
  );

describe('the most specific rule', () => {
  const rules = rulesOf('/product', '/product/*', '/product/1', '/product/new/*', '*');

  it.each([
    ['/product', '/product'],
    ['/product/1', '/product/1'],
    ['/product/2', '/product/*'],
    ['/product/2/3/4', '/product/*'],
    ['/product/1/2', '/product/*'],
    ['/product/new', '/product/*'],
    ['/product/new/1', '/product/new/*'],
    ['/product/new/1/2', '/product/new/*'],
    ['/products', '*'],
    ['/Product', '*'],
    ['/other', '*'],
    ['/', '*'],
  ])('of %s is %s', (path, rule) => {
    expect(rules.find(path)).toBe(rule);
  });
  it('of a path that nothing matches is the one for no rule', () => {
    expect(rulesOf('/product/*').find('/product')).toBe('no rule');
    expect(rulesOf('/product').find('/product/1')).toBe('no rule');
    expect(rulesOf().find('/a/b')).toBe('no rule');
  });
  it('of everything is * as well as /*', () => {
    expect([rulesOf('*').find('/a/b'), rulesOf('/*').find('/a/b'), rulesOf('/*').find('/')]).toEqual(['*', '/*', '/*']);
  });
  it('does not depend on the order of the rules', () => {
    expect(rulesOf('*', '/a/b/*', '/a/*', '/a/b').find('/a/b/c')).toBe('/a/b/*');
  });
  it('takes __proto__ and constructor for names like others', () => {
    expect(rulesOf('/constructor').find('/__proto__')).toBe('no rule');
    expect(rulesOf('/__proto__/*').find('/__proto__/x')).toBe('/__proto__/*');
  });

  it('is that of a naive search through all rules', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
    const key = fc.oneof(
      path.filter((text) => text !== '/'),
      path.filter((text) => text !== '/').map((text) => `${text}/*`),
      fc.constant('*'),
    );
    const naive = (keys: readonly string[], asked: string): string => {
      if (keys.includes(asked)) return asked;
      const below = keys.filter((one) => one.endsWith('/*') && asked.startsWith(one.slice(0, -1)));
      below.sort((a, b) => b.length - a.length);
      return below[0] ?? (keys.includes('*') ? '*' : 'no rule');
    };
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 8 }), path, (keys, asked) => {
        expect(rulesOf(...keys).find(asked)).toBe(naive(keys, asked));
      }),
      { numRuns: 2000 },
    );
  });
});

/** Counts the look-ups that a search makes. */
function countingLookUps(rules: PathRules<string>, path: string): number {
  const get = jest.spyOn(Map.prototype, 'get');
  try {
    rules.find(path);
    return get.mock.calls.length;
  } finally {
    get.mockRestore();
  }
}

describe('looking a rule up', () => {
  it('takes as many steps among 10,000 rules as among 10', () => {
    const many = (count: number) => rulesOf(...Array.from({ length: count }, (_item, index) => `/r${index}/x/*`));
    const path = '/r3/y/z';
    expect(countingLookUps(many(10_000), path)).toBe(countingLookUps(many(10), path));
  });
  it('goes no deeper into a path of 1,000 segments than the deepest rule does', () => {
    expect(countingLookUps(rulesOf('/a/*', '/b/c/*'), '/x'.repeat(1000))).toBe(3);
  });
});

describe('a key of a rule', () => {
  it('has a leading slash, written or not', () => {
    expect(['product', '/product', 'product/*', '*'].map(normalRuleKey)).toEqual([
      '/product',
      '/product',
      '/product/*',
      '*',
    ]);
  });
});
