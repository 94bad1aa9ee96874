import { expect, it } from '@jest/globals';
import { roleNames } from './role-names.js';

it.each([
  ['a comma-separated text', 'admin, editor ,,viewer', ['admin', 'editor', 'viewer']],
  ['a list', ['admin', ' editor '], ['admin', 'editor']],
  ['a list with empty and repeated ones', ['a', '', ' ', 'a'], ['a']],
  ['a list with numbers', [1, 'a'], ['1', 'a']],
  ['a list with what is no name', ['a', null, {}, ['b'], true], ['a']],
  ['a role with a comma in a list', ['a,b'], ['a,b']],
  ['an empty text', '', []],
  ['nothing', undefined, []],
  ['an object', { admin: true }, []],
])('roles are read from %s', (_what, value, roles) => {
  expect(roleNames(value)).toEqual(roles);
});

it('no more than a thousand roles count', () => {
  const many = Array.from({ length: 1200 }, (_item, index) => `r${index}`);
  expect([roleNames(many).length, roleNames(many.join(',')).length]).toEqual([1000, 1000]);
});
