import { describe, expect, it } from '@jest/globals';
import { cookieValue } from './cookies.js';

describe('the value of a cookie', () => {
  it.each([
    ['alone', 'a=1', '1'],
    ['among others', 'x=0; a=1; y=2', '1'],
    ['without blanks between', 'x=0;a=1;y=2', '1'],
    ['the first of two of that name', 'a=1; a=2', '1'],
    ['in quotes', 'a="1"', '1'],
    ['with equals signs in it', 'a=e30==', 'e30=='],
    ['empty', 'a=', ''],
    ['in empty quotes', 'a=""', ''],
    ['of a single quote', 'a="', '"'],
    ['with blanks around', ' a = 1 ', '1'],
  ])('%s is found', (_what, header, value) => {
    expect(cookieValue(header, 'a')).toBe(value);
  });
  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['a longer name', 'ab=1; ba=2'],
    ['another case', 'A=1'],
    ['a name without a value', 'a'],
    ['the name as a value', 'x=a'],
  ])('is null with %s', (_what, header) => {
    expect(cookieValue(header, 'a')).toBeNull();
  });
});
