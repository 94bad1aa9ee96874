import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { elementPath, removeAt, sourcePath, valueAt } from './claim-path.js';

const answer = {
  user: { id: '7', roles: ['a', 'b'], groups: [{ name: 'x' }, { name: 'y' }, {}], 'e.mail': 'm', '0': 'zero' },
};
const at = (path: string) => valueAt(answer, sourcePath(path).steps!);
const copy = () => structuredClone(answer);

describe('a path to read from', () => {
  it.each([
    ['dotted names', 'user.id', '7'],
    ['$. before it', '$.user.id', '7'],
    ['names in brackets', `$['user']["id"]`, '7'],
    ['a name with a dot in it', `user['e.mail']`, 'm'],
    ['an index in brackets', 'user.roles[1]', 'b'],
    ['an index after a dot', 'user.roles.0', 'a'],
    ['a name of digits', 'user.0', 'zero'],
    ['all items', 'user.groups[*].name', ['x', 'y']],
    ['a whole list', 'user.roles', ['a', 'b']],
    ['nothing there', 'user.name', undefined],
    ['a member of a text', 'user.id.length', undefined],
    ['the length of a list', 'user.roles.length', undefined],
    ['an index past the end', 'user.roles[2]', undefined],
    ['all items of no list', 'user[*]', undefined],
    ['a member that every object inherits', 'user.toString', undefined],
  ])('with %s: %s', (_what, path, value) => {
    expect(at(path)).toEqual(value);
  });
  it.each([
    '',
    '$',
    '$.',
    '.user',
    'user.',
    'user..id',
    '$..id',
    'a b',
    'user[?(@.id)]',
    'user[0:1]',
    'user[',
    'a[-1]',
    '*',
  ])('cannot be %j', (path) => {
    expect(sourcePath(path)).toMatchObject({ steps: null, fault: expect.any(String) });
  });
  it.each(['__proto__', 'a.constructor', 'a.prototype.b', `a['__proto__']`])('must not name %s', (path) => {
    expect(sourcePath(path).fault).toContain('must not name');
  });
  it('has at most 32 steps', () => {
    const path = (steps: number) => Array(steps).fill('a').join('.');
    expect([sourcePath(path(32)).fault, sourcePath(path(33)).steps]).toEqual([null, null]);
  });
});

describe('a path to put at', () => {
  it('is made of names, numbers among them', () => {
    expect(elementPath('$.user.0.id').steps).toEqual(['user', '0', 'id']);
  });
  it.each(['user[0]', 'user[*].id', 'user.__proto__'])('cannot be %s', (path) => {
    expect(elementPath(path).steps).toBeNull();
  });
});

describe('what is taken out at a path', () => {
  const without = (path: string) => {
    const object = copy();
    removeAt(object, sourcePath(path).steps!);
    return object;
  };
  it('is a member', () => {
    const { id: _id, ...rest } = answer.user;
    expect(without('user.id')).toEqual({ user: rest });
  });
  it('is an item, and the list closes up', () => {
    expect(without('user.roles[0]').user.roles).toEqual(['b']);
  });
  it('is a member of each item', () => {
    expect(without('user.groups[*].name').user.groups).toEqual([{}, {}, {}]);
  });
  it('is every item', () => {
    expect(without('user.roles[*]').user.roles).toEqual([]);
  });
  it.each(['user.name', 'user.id.x', 'user.roles.9', 'user.roles.x', 'user[*]', 'x.y.z'])(
    'is nothing where nothing stands: %s',
    (path) => {
      expect(without(path)).toEqual(answer);
    },
  );
});

it('any text is a path or a fault, and reading by it never throws', () => {
  const pieces = fc.array(fc.constantFrom('a', '.', '$', '[0]', '[*]', "['b']", '[', ']', ' '), { maxLength: 8 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((list) => list.join('')),
      ),
      fc.jsonValue(),
      (path, root) => {
        const { steps } = sourcePath(path);
        if (steps === null) return;
        valueAt(root, steps);
        removeAt(root, steps);
        expect(steps).not.toContain('__proto__');
      },
    ),
    { numRuns: 1000 },
  );
});
