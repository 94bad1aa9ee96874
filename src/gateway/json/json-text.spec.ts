import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  faultOf,
  isObjectAt,
  JsonFault,
  MAX_DEPTH,
  memberNamed,
  membersOf,
  objectMembers,
  withoutRepeatedNames,
} from './json-text.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const accepts = (text: string): boolean => faultOf(text, null) === null;
const repeats = (text: string): boolean => {
  const notes = { repeatedName: false };
  expect(faultOf(text, notes)).toBeNull();
  return notes.repeatedName;
};
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const nestedObjects = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

/** JSON as a client may write it: other spacing, other escapes, any number. */
const writtenJson = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom('', ' ', '\n\t', ' \r\n '))
  .map(([text, space]) => `${space}${text}${space}`);

describe('JSON by RFC 8259', () => {
  it.each([
    ['a number alone', '0'],
    ['a negative zero', '-0'],
    ['a fraction and an exponent', '-12.50e+10'],
    ['an exponent with a capital letter', '1E5'],
    ['more digits than a double holds', '9007199254740993'],
    ['words', '[true,false,null]'],
    ['an empty name', '{"":1}'],
    ['all escapes', String.raw`"\"\\\/\b\f\n\r\té"`],
    ['half of a surrogate pair as an escape', String.raw`"\ud800"`],
    ['DEL and line separators in a string', '"\u007f\u2028\u2029"'],
    ['white space of the four kinds', ' \t\r\n{ "a" : [ 1 , 2 ] }\n'],
  ])('accepts %s', (_what, text) => {
    expect(accepts(text)).toBe(true);
    expect(isJson(text)).toBe(true);
  });

  it.each([
    ['nothing at all', ''],
    ['white space alone', ' \n'],
    ['a leading zero', '01'],
    ['a plus sign', '+1'],
    ['a minus alone', '-'],
    ['a point without digits behind it', '1.'],
    ['a point without digits before it', '.5'],
    ['an exponent without digits', '1e'],
    ['NaN', 'NaN'],
    ['Infinity', '-Infinity'],
    ['a hexadecimal number', '0x10'],
    ['a word with a capital letter', 'True'],
    ['a word with a letter too many', 'nulls'],
    ['single quotes', "{'a':1}"],
    ['a name without quotes', '{a:1}'],
    ['a trailing comma in an object', '{"a":1,}'],
    ['a trailing comma in an array', '[1,]'],
    ['a leading comma', '[,1]'],
    ['a missing comma', '[1 2]'],
    ['a missing colon', '{"a" 1}'],
    ['a comment', '{/* */}'],
    ['text behind the value', '{} x'],
    ['two values', '1 2'],
    ['a tab in a string', '"\t"'],
    ['a line feed in a string', '"\n"'],
    ['NUL in a string', '"\u0000"'],
    ['an unknown escape', String.raw`"\x41"`],
    ['three hex digits', String.raw`"\u00e"`],
    ['a string without its end', '"abc'],
    ['an escape at the end', '"abc\\'],
    ['an object without its end', '{"a":1'],
    ['an array without its end', '[1'],
    ['the wrong bracket', '[1}'],
    ['a byte order mark', '\ufeff{}'],
    ['a no-break space', '\u00a0{}'],
    ['a form feed', '\f{}'],
  ])('refuses %s', (_what, text) => {
    expect(faultOf(text, null)?.kind).toBe('syntax');
    expect(isJson(text)).toBe(false);
  });

  it('agrees with JSON.parse on any string', () => {
    const alphabet = fc.constantFrom(...'{}[]",:\\/ \n\t0123456789-+.eEtrufalsn\u0000é');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: alphabet, maxLength: 12 })), (text) => {
        expect(accepts(text)).toBe(isJson(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with JSON.parse on JSON in which one character was changed, put in or taken out', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', '.', 'e', ' '),
    );
    fc.assert(
      fc.property(writtenJson, change, fc.boolean(), (text, [place, put], replaces) => {
        const at = place % (text.length + 1);
        const changed = text.slice(0, at) + put + text.slice(replaces ? at + 1 : at);
        expect(accepts(changed)).toBe(isJson(changed));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('nesting of 256 levels at most', () => {
  it.each([
    ['arrays', nested],
    ['objects', nestedObjects],
  ])('accepts 256 levels of %s and refuses 257', (_what, nest) => {
    expect(MAX_DEPTH).toBe(256);
    expect(faultOf(nest(256), null)).toBeNull();
    expect(faultOf(nest(257), null)?.kind).toBe('depth');
  });
  it('refuses a million open brackets without running out of stack', () => {
    expect(faultOf('['.repeat(1_000_000), null)?.kind).toBe('depth');
  });
  it('counts the levels of members from the text that they stand in', () => {
    expect(() => objectMembers(`{"a":${nested(255)}}`)).not.toThrow();
    expect(() => objectMembers(`{"a":${nested(256)}}`)).toThrow(JsonFault);
  });
});

describe('a repeated name', () => {
  it.each([
    ['in one object', '{"a":1,"a":2}', true],
    ['in an inner object', '[{"b":{"a":1,"c":2,"a":3}}]', true],
    ['once plain and once escaped', String.raw`{"a":1,"\u0061":2}`, true],
    ['escaped in two ways', String.raw`{"\/":1,"\u002f":2}`, true],
    ['__proto__', '{"__proto__":1,"__proto__":2}', true],
    ['in two objects', '[{"a":1},{"a":2}]', false],
    ['in an object and the one around it', '{"a":{"a":1}}', false],
    ['in another case', '{"a":1,"A":2}', false],
    ['as a value', '{"a":"a"}', false],
  ])('%s: %s → %s', (_where, text, expected) => {
    expect(repeats(text)).toBe(expected);
  });
  it('is seen as the twentieth of an object', () => {
    const names = Array.from({ length: 19 }, (_item, index) => `"n${index}":0`);
    expect(repeats(`{${names.join(',')}}`)).toBe(false);
    expect(repeats(`{${names.join(',')},"n3":0}`)).toBe(true);
  });
  it('is seen wherever it stands among random names', () => {
    const names = fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 20 });
    fc.assert(
      fc.property(names, (list) => {
        const text = `{${list.map((name) => `${JSON.stringify(name)}:1`).join(',')}}`;
        expect(repeats(text)).toBe(new Set(list).size < list.length);
      }),
    );
  });
});

describe('JSON that is written anew without repeated names', () => {
  it('keeps the last of two equal names', () => {
    expect(withoutRepeatedNames('{"a":1,"b":2,"a":3}')).toBe('{"a":3,"b":2}');
    expect(withoutRepeatedNames(String.raw`{"a":{"x":1},"\u0061":[2]}`)).toBe('{"a":[2]}');
  });
  it('keeps numbers as they were written', () => {
    const text = '{"a":0,"a":[9007199254740993,1.10,-0,1E400,1e5,0.1000]}';
    expect(withoutRepeatedNames(text)).toBe('{"a":[9007199254740993,1.10,-0,1E400,1e5,0.1000]}');
  });
  it('keeps the number of the last of two equal names', () => {
    expect(withoutRepeatedNames('{"a":1.10,"a":2.20}')).toBe('{"a":2.20}');
  });
  it('keeps __proto__ and constructor as data', () => {
    const text = '{"a":1,"__proto__":{"isAdmin":1.0},"constructor":2,"a":3}';
    expect(withoutRepeatedNames(text)).toBe('{"a":3,"__proto__":{"isAdmin":1.0},"constructor":2}');
  });
  it('means what the text meant to JSON.parse', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (first, second) => {
        const text = `{"n":${first},"m":${second},"n":${second}}`;
        expect(JSON.parse(withoutRepeatedNames(text))).toEqual(JSON.parse(text));
        expect(repeats(withoutRepeatedNames(text))).toBe(false);
      }),
    );
  });
});

describe('the members of an object', () => {
  const text = String.raw` { "a" : 1.10 , "\u0062":[ {} ] ,"a": "x" } `;

  it('are named, in order, with the text of each', () => {
    const members = objectMembers(text)!;
    expect(members.map(({ name, value, end }) => [name, text.slice(value, end)])).toEqual([
      ['a', '1.10'],
      ['b', '[ {} ]'],
      ['a', '"x"'],
    ]);
    expect(text.slice(members[1]!.start, members[1]!.end)).toBe(String.raw`"\u0062":[ {} ]`);
  });
  it('have the last of two equal names win', () => {
    const member = memberNamed(objectMembers(text)!, 'a')!;
    expect(text.slice(member.value, member.end)).toBe('"x"');
  });
  it('have none of a name that is not there', () => {
    expect(memberNamed(objectMembers(text)!, 'c')).toBeNull();
  });
  it('are none of an empty object', () => {
    expect(objectMembers('{ }')).toEqual([]);
  });
  it('are null of JSON of another kind', () => {
    expect(['[]', '1', '"{}"', 'null'].map(objectMembers)).toEqual([null, null, null, null]);
  });
  it.each(['{', '{"a"}', '{"a":}', '{"a":1} x', '{"a":1,}', 'x', '[] x', ''])('of %j are a fault', (broken) => {
    expect(() => objectMembers(broken)).toThrow(JsonFault);
  });
  it('are found from where an inner object begins', () => {
    const whole = '{"payload":{"x":1},"y":2}';
    const { members, end } = membersOf(whole, 11, 1);
    expect([members.map(({ name }) => name), whole.slice(end)]).toEqual([['x'], ',"y":2}']);
    expect([isObjectAt(whole, 11), isObjectAt(whole, 16)]).toEqual([true, false]);
  });
  it('put together again are the object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const json = JSON.stringify(object, null, 1);
        const parts = objectMembers(json)!.map(({ start, end }) => json.slice(start, end));
        expect(JSON.parse(`{${parts.join(',')}}`)).toEqual(JSON.parse(json));
      }),
    );
  });
});
