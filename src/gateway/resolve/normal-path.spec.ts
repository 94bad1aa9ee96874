import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodedPath, normalPath, withoutExtension } from './normal-path.js';

/** What may stand in a segment once it is decoded. */
const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter(
    (text) => text !== '.' && text !== '..' && !/[\u0000-\u001f\u007f-\u009f\\;/]/.test(text) && text.isWellFormed(),
  );
const normal = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);

describe('the normal form of a path', () => {
  it.each([
    ['/', '/'],
    ['//', '/'],
    ['/orders', '/orders'],
    ['/orders/', '/orders'],
    ['//orders///1/', '/orders/1'],
    ['/%6Frders', '/orders'],
    ['/a%20b', '/a b'],
    ['/%C3%A9', '/é'],
    ['/%E2%82%AC', '/€'],
    ['/Orders', '/Orders'],
    ['/a.b/.c/..d/...', '/a.b/.c/..d/...'],
    ["/~a!$&'()*+,=:@-_", "/~a!$&'()*+,=:@-_"],
    ['/a"<>^`{|}', '/a"<>^`{|}'],
  ])('of %s is %s', (raw, expected) => {
    expect(normalPath(raw)).toBe(expected);
  });
  it('is decoded once', () => {
    expect(normalPath('/%2541')).toBe('/%41');
    expect(normalPath('/%252e%252e')).toBe('/%2e%2e');
    expect(normalPath('/a%253Bb')).toBe('/a%3Bb');
  });

  it.each([
    ['a slash as an escape', '/a%2Fb'],
    ['the same in lower case', '/a%2fb'],
    ['a backslash', '/a\\b'],
    ['a backslash as an escape', '/a%5Cb'],
    ['a semicolon', '/a;v=1'],
    ['a semicolon as an escape', '/a%3Bv=1'],
    ['NUL', '/a%00'],
    ['a control character', '/a%0Ab'],
    ['DEL', '/a%7F'],
    ['a control character of Latin 1', '/a%C2%85'],
    ['a dot segment', '/a/./b'],
    ['a dot segment at the end', '/a/.'],
    ['two dots', '/a/../b'],
    ['two dots as escapes', '/a/%2e%2E/b'],
    ['a dot and an escaped one', '/a/.%2e'],
    ['a percent sign alone', '/100%'],
    ['half an escape', '/%4'],
    ['an escape that is none', '/%zz'],
    ['half a character of UTF-8', '/%C3'],
    ['a character of UTF-8 in too many bytes', '/%C0%AF'],
    ['half of a surrogate pair', '/%ED%A0%80'],
    ['a raw blank', '/a b'],
    ['a raw character that is not ASCII', '/é'],
    ['no slash at the beginning', 'orders'],
    ['nothing', ''],
  ])('refuses %s', (_what, raw) => {
    expect(normalPath(raw)).toBeNull();
  });

  it('of what is encoded is what it was', () => {
    fc.assert(fc.property(normal, (path) => expect(normalPath(encodedPath(path))).toBe(path)));
  });
  it('is of a form that a URL parser leaves alone', () => {
    fc.assert(
      fc.property(normal, (path) => {
        const encoded = encodedPath(path);
        expect(encoded).toMatch(/^[\x21-\x7e]+$/);
        // A URL takes ' for what must be escaped in a query only; everything else stays as we wrote it.
        expect(new URL(`http://h${encoded}`).pathname).toBe(encoded);
      }),
    );
  });
  it('never holds a dot segment, an empty one or a forbidden character, whatever a client writes', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '%2e',
      '%2F',
      '%5c',
      ';',
      'a',
      '%41',
      '%',
      '%00',
      '\\',
      '%25',
      '2e',
      '%C3%A9',
    );
    const raw = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);
    fc.assert(
      fc.property(raw, (path) => {
        const made = normalPath(path);
        if (made === null || made === '/') return;
        for (const part of made.slice(1).split('/')) {
          expect(['', '.', '..']).not.toContain(part);
          expect(part).not.toMatch(/[\u0000-\u001f\u007f-\u009f\\;]/);
        }
      }),
      { numRuns: 2000 },
    );
  });
  it('of a plain normal form is itself', () => {
    const plain = normal.filter((path) => !path.includes('%') && /^[\x21-\x7e]+$/.test(path));
    fc.assert(fc.property(plain, (path) => expect(normalPath(path)).toBe(path)));
  });
});

describe('a path in a URL', () => {
  it('escapes what a URL cannot hold, and nothing else', () => {
    expect(encodedPath('/a b/é/100%/?#[]')).toBe('/a%20b/%C3%A9/100%25/%3F%23%5B%5D');
    expect(encodedPath("/$&+,:=@!*'()/x")).toBe("/$&+,:=@!*'()/x");
    expect(encodedPath('/é$&+,:=@')).toBe('/%C3%A9$&+,:=@');
  });
  it('of no segment is /', () => {
    expect(encodedPath('/')).toBe('/');
  });
});

describe('the extension at the end of a path', () => {
  it.each([
    ['/orders.json', '/orders', 'json'],
    ['/orders/1.xml', '/orders/1', 'xml'],
    ['/a.html', '/a', 'html'],
    ['/a.txt', '/a', 'txt'],
    ['/a.csv', '/a', 'csv'],
    ['/a.b.json', '/a.b', 'json'],
    ['/a.json.json', '/a.json', 'json'],
    ['/a\nb.json', '/a\nb', 'json'],
  ])('of %j is taken off: %j', (path, rest, format) => {
    expect(withoutExtension(path)).toEqual({ path: rest, format });
  });
  it.each(['/', '/orders', '/a.jsonx', '/a.pdf', '/a.JSON', '/json', '/.json', '/a/.csv', '/a.json/b', '/ajson'])(
    'is none of %s',
    (path) => {
      expect(withoutExtension(path)).toBeNull();
    },
  );
  it.each(['/..json', '/...json', '/a/...xml', '/a/..csv'])(
    'stays on %s, which would be a dot segment without it',
    (path) => {
      expect(withoutExtension(path)).toBeNull();
    },
  );
});
