import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { objectAsQuery, queryAsJson, queryParameter } from './query-parameters.js';

describe('a query as payload parameters', () => {
  it.each([
    ['', '{}'],
    ['a=1', '{"a":"1"}'],
    ['a=1&b=2', '{"a":"1","b":"2"}'],
    ['a', '{"a":""}'],
    ['a=', '{"a":""}'],
    ['=1', '{"":"1"}'],
    ['a=b=c', '{"a":"b=c"}'],
    ['a=1&&b=2&', '{"a":"1","b":"2"}'],
    ['a=x+y%20z', '{"a":"x y z"}'],
    ['a%20b=1', '{"a b":"1"}'],
    ['a=%2B', '{"a":"+"}'],
    ['a=%26%3D', '{"a":"&="}'],
    ['a=%C3%A9%E2%82%AC', '{"a":"é€"}'],
    ['a=%22', '{"a":"\\""}'],
    ['data.status.EQ=A', '{"data.status.EQ":"A"}'],
  ])('%s is %s', (query, json) => {
    expect(queryAsJson(query)).toBe(json);
  });
  it('makes an array of a repeated name, in order', () => {
    expect(queryAsJson('a=1&b=x&a=2&a=3')).toBe('{"a":["1","2","3"],"b":"x"}');
    expect(queryAsJson('a=1&%61=2')).toBe('{"a":["1","2"]}');
  });
  it('keeps __proto__ as a name like any other', () => {
    expect(queryAsJson('__proto__=1&constructor=2')).toBe('{"__proto__":"1","constructor":"2"}');
  });
});

describe('bad escapes in a query', () => {
  it.each([
    ['a=100%', '100%'],
    ['a=%4', '%4'],
    ['a=%zz', '%zz'],
    ['a=%41%', 'A%'],
    ['a=%FF', '%FF'],
    ['a=%C3', '%C3'],
    ['a=%C0%AF', '%C0%AF'],
    ['a=%ED%A0%80', '%ED%A0%80'],
  ])('are taken literally: %s', (query, value) => {
    expect(queryParameter(query, 'a')).toBe(value);
  });
  it.each([
    ['a=%41%FF%42', 'A%FFB'],
    ['a=%C3%41', '%C3A'],
    ['a=%20%C3%A9%C3', ' é%C3'],
    ['a=%F0%9F%98%80%80', '😀%80'],
  ])('leave good ones beside them as good as they are: %s', (query, value) => {
    expect(queryParameter(query, 'a')).toBe(value);
  });
});

describe('any query', () => {
  it('is JSON', () => {
    const piece = fc.constantFrom('a', 'b', '=', '&', '+', '%', '%41', '%C3', '%A9', '%00', '%22', '%5C', '"', '\\');
    const query = fc.array(piece, { maxLength: 15 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(query, (text) => {
        expect(() => JSON.parse(queryAsJson(text)) as unknown).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });
  it('that a browser wrote is read as it was meant', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(fc.dictionary(name, name), (parameters) => {
        const written = new URLSearchParams(parameters).toString();
        expect(JSON.parse(queryAsJson(written))).toEqual(parameters);
      }),
    );
  });
});

describe('one parameter of a query', () => {
  it('is the first of its name', () => {
    expect(queryParameter('data=1&data=2', 'data')).toBe('1');
  });
  it('is null where there is none', () => {
    expect([queryParameter('', 'data'), queryParameter('datas=1', 'data'), queryParameter('x=data', 'data')]).toEqual([
      null,
      null,
      null,
    ]);
  });
  it('is found though its name is written in escapes', () => {
    expect(queryParameter('%64ata=1', 'data')).toBe('1');
  });
});

describe('a payload as a query', () => {
  it.each([
    ['texts and numbers', '{"a":"x","b":1}', 'a=x&b=1'],
    ['an array as a repeated name', '{"a":[1,"x"]}', 'a=1&a=x'],
    ['words', '{"a":true,"b":null}', 'a=true&b=null'],
    ['an object as JSON', '{"a":{"b":1}}', 'a=%7B%22b%22%3A1%7D'],
    ['nothing of an empty object', '{}', ''],
    ['nothing of an array', '[1]', ''],
    ['nothing of a text', '"a=1"', ''],
    ['nothing of a number', '1', ''],
    ['nothing of null', 'null', ''],
    [
      'numbers as they were written',
      '{"a":9007199254740993,"b":[1.10],"c":{"d":1.0}}',
      'a=9007199254740993&b=1.10&c=%7B%22d%22%3A1.0%7D',
    ],
  ])('holds %s', (_what, payload, query) => {
    expect(objectAsQuery(payload)).toBe(query);
  });
});
