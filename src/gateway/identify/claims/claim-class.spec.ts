import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimClass } from './claim-class.js';
import { parsedAsWritten } from '../../json/json-text.js';

const convert = (name: string | undefined, value: unknown) => claimClass(name)!.convert(value);
/** JSON text in the event, then in the token. */
const both = (name: string | undefined, value: unknown) => {
  const converted = convert(name, value);
  return converted === null ? null : [converted.text, JSON.stringify(converted.inToken)];
};
const asWritten = (json: string) => parsedAsWritten(json);

describe('a class of a claim', () => {
  it.each([
    ['java.lang.String', '"5"'],
    ['String', '"5"'],
    ['string', '"5"'],
    ['java.lang.Integer', '5'],
    ['Integer', '5'],
    ['int', '5'],
    ['java.lang.Long', '5'],
    ['long', '5'],
    ['java.lang.Float', '5'],
    ['java.lang.Double', '5'],
    ['double', '5'],
    ['number', '5'],
    ['java.math.BigDecimal', '5'],
    ['java.math.BigInteger', '5'],
    ['java.lang.Object', '5'],
    ['java.lang.String[]', '["5"]'],
    ['[Ljava.lang.String;', '["5"]'],
    ['[Ljava.math.BigDecimal;', '[5]'],
    ['[I', '[5]'],
    ['[[J', '[[5]]'],
    ['string[]', '["5"]'],
    ['long[][]', '[[5]]'],
    ['java.util.List', '[5]'],
    ['java.util.ArrayList', '[5]'],
    ['java.util.List<java.lang.String>', '["5"]'],
  ])('%s reads 5 as %s', (name, text) => {
    expect(convert(name, 5)?.text).toBe(text);
  });
  it.each(['java.lang.Boolean', 'Boolean', 'boolean'])('%s reads true and false, also as texts', (name) => {
    expect([true, false, 'true', ' FALSE '].map((value) => convert(name, value)?.value)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
  it.each([
    'java.lang.Strin',
    'Map',
    '[',
    '[]',
    '[X',
    '[Ljava.lang.String',
    'List<',
    'Map<String>',
    'List<x>',
    '['.repeat(201),
  ])('is not known as %s', (name) => {
    expect(claimClass(name)).toBeNull();
  });
  it('may be missing: values stay as they are', () => {
    for (const value of ['a', 5, true, ['a', 1], { a: { b: null } }])
      expect(both(undefined, value)).toEqual([JSON.stringify(value), JSON.stringify(value)]);
  });
  it.each([
    ['String', {}],
    ['String', ['a']],
    ['Boolean', 'yes'],
    ['Boolean', 1],
    ['Integer', 'five'],
    ['Integer', '0x10'],
    ['Integer', ''],
    ['Integer', 3.5],
    ['Integer', 2 ** 31],
    ['Integer', true],
    ['Long', '9223372036854775808'],
    ['Float', '1e39'],
    ['Double', '1e309'],
    ['Double', Number.NaN],
    ['BigDecimal', '1,5'],
    ['BigDecimal', '1'.repeat(401)],
    ['Integer[]', [1, 'x']],
    ['String[]', ['a', {}]],
  ])('%s refuses %j', (name, value) => {
    expect(convert(name, value)).toBeNull();
  });
  it.each([
    ['Integer', ' +07 ', '7'],
    ['Integer', '3.0', '3'],
    ['Integer', -(2 ** 31), '-2147483648'],
    ['Long', '9223372036854775807', '9223372036854775807'],
    ['Long', '-9223372036854775808', '-9223372036854775808'],
    ['Double', '1.10', '1.1'],
    ['Float', 0.1, '0.1'],
    ['String', 1.5, '"1.5"'],
    ['String', false, '"false"'],
  ])('%s reads %j as %s', (name, value, text) => {
    expect(convert(name, value)?.text).toBe(text);
  });
});

describe('digits', () => {
  it('of BigDecimal and BigInteger stay: as a number in the event, as a text in the token', () => {
    expect(both('java.math.BigDecimal', asWritten('1.10'))).toEqual(['1.10', '"1.10"']);
    expect(both('java.math.BigDecimal', '1.10')).toEqual(['1.10', '"1.10"']);
    expect(both('java.math.BigInteger', asWritten('123456789012345678901234567890'))).toEqual([
      '123456789012345678901234567890',
      '"123456789012345678901234567890"',
    ]);
  });
  it('of a Long past 2^53 stay as well', () => {
    expect(both('Long', '9007199254740993')).toEqual(['9007199254740993', '"9007199254740993"']);
  });
  it('that a double spells the same make a number in the token', () => {
    expect([both('BigDecimal', '1.5'), both('Long', '5')]).toEqual([
      ['1.5', '1.5'],
      ['5', '5'],
    ]);
  });
  it('without a class pass as they were written; whole numbers past 2^53 are texts in the token', () => {
    const value = asWritten('{"a":[9007199254740993,1.10],"b":5}');
    expect(both(undefined, value)).toEqual([
      '{"a":[9007199254740993,1.10],"b":5}',
      '{"a":["9007199254740993",1.1],"b":5}',
    ]);
  });
  it('survive the token: what a request gets is what the answer had', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat({ max: 10 }), (whole, zeros) => {
        const text = `${whole}.${'0'.repeat(zeros)}1`;
        const inToken = JSON.parse(JSON.stringify(convert('BigDecimal', text)!.inToken)) as unknown;
        expect(convert('BigDecimal', inToken)!.text).toBe(text);
      }),
    );
  });
});

describe('any value', () => {
  it.each(['String', 'Integer', 'BigDecimal', 'Boolean', 'String[]', 'List', undefined])(
    'is read as %s without throwing, into JSON that its value has too',
    (name) => {
      fc.assert(
        fc.property(fc.anything(), (value) => {
          const converted = convert(name, value);
          if (converted === null) return;
          expect(JSON.stringify(converted.value)).toBe(converted.text);
          expect(() => JSON.stringify(structuredClone(converted.inToken))).not.toThrow();
        }),
      );
    },
  );
  it('that is nested deeper than a body may be is refused', () => {
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect([convert(undefined, nested(254)) === null, convert(undefined, nested(255)) === null]).toEqual([false, true]);
  });
  it('that refers to itself is refused', () => {
    const knot: unknown[] = [];
    knot.push(knot);
    expect(convert(undefined, knot)).toBeNull();
  });
});
