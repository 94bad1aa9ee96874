import { describe, expect, it } from '@jest/globals';
import type { SettingFault } from './faults.js';
import { readProperties } from './properties.js';

function read(...lines: string[]) {
  const faults: SettingFault[] = [];
  const properties = readProperties(lines.join('\n'), 'a.properties', faults);
  return {
    faults,
    pairs: properties.map(({ name, value }) => [name, value]),
    lines: properties.map(({ line }) => line),
  };
}

describe('a .properties file', () => {
  it('separates name and value by =, : or blanks', () => {
    expect(read('a=1', 'b: 2', 'c 3', 'd = x=y', 'e\t:\t5').pairs).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', 'x=y'],
      ['e', '5'],
    ]);
  });
  it('has names without a value', () => {
    expect(read('a', 'b=').pairs).toEqual([
      ['a', ''],
      ['b', ''],
    ]);
  });
  it('skips blank lines and comments, also indented ones', () => {
    expect(read('# a=1', '', '   ! b=2', 'c=3 # is part of the value').pairs).toEqual([
      ['c', '3 # is part of the value'],
    ]);
  });
  it('goes on in the next line after a backslash, without its indentation', () => {
    const { pairs, lines } = read('list=a,\\', '    b,\\', '    c', 'next=1');
    expect(pairs).toEqual([
      ['list', 'a,b,c'],
      ['next', '1'],
    ]);
    expect(lines).toEqual([1, 4]);
  });
  it('ends a line with two backslashes', () => {
    expect(read('path=c:\\\\', 'b=2').pairs).toEqual([
      ['path', 'c:\\'],
      ['b', '2'],
    ]);
  });
  it('may end in a backslash', () => {
    expect(read('a=1\\').pairs).toEqual([['a', '1']]);
  });
  it('resolves escapes in names and values', () => {
    expect(read('a\\=b\\ c=d\\te\\u00fcf\\q').pairs).toEqual([['a=b c', 'd\teüfq']]);
  });
  it('reports \\u without four digits, with its line, and reads on', () => {
    const { pairs, faults } = read('ok=\\\\u1', 'a=\\u12', 'b=2');
    expect(pairs).toEqual([
      ['ok', '\\u1'],
      ['b', '2'],
    ]);
    expect(faults).toMatchObject([{ property: 'a', source: 'a.properties:2' }]);
  });
  it('may have the line ends of any system', () => {
    expect(readProperties('a=1\r\nb=2\rc=3', 'x', []).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });
});
