import { describe, expect, it } from '@jest/globals';
import { isOpenEnded, originFrom, originMatcher, originPatternFrom } from './origins.js';

describe('an origin', () => {
  it.each([
    ['https://shop.example', 'https://shop.example'],
    ['https://Shop.Example:8443', 'https://shop.example:8443'],
    ['https://shop.example:443', 'https://shop.example'],
    ['http://shop.example:80', 'http://shop.example'],
    ['http://shop.example:443', 'http://shop.example:443'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['https://xn--mnchen-3ya.example', 'https://xn--mnchen-3ya.example'],
  ])('is %s, as browsers write it', (text, normal) => {
    expect([originFrom(text), originFrom(normal)]).toEqual([normal, normal]);
  });
  it.each([
    ...['null', '', '*', 'shop.example', 'https:', 'https://', '//shop.example', 'https:/shop.example'],
    ...['https://shop.example/', 'https://shop.example/x', 'https://shop.example?x', 'https://u:p@shop.example'],
    ...['https://shop.example:', 'https://shop.example:99999', 'https://shop.example:1:2', 'https://*.example'],
    ...['https://shop.example\\@x', 'https://a b', 'https://münchen.example', ' https://shop.example'],
    `https://${'a'.repeat(400)}`,
  ])('is not %j', (text) => {
    expect(originFrom(text)).toBeNull();
  });
});

describe('the form of a pattern', () => {
  it.each([
    ['https://*.example.com', 'https://*.example.com'],
    ['https://*.Example.com:*', 'https://*.example.com:*'],
    ['*://shop.example', '*://shop.example'],
    ['http://localhost:30*', 'http://localhost:30*'],
    ['https://**.example.com:443', 'https://*.example.com'],
    ['https://shop.example', 'https://shop.example'],
    ['*', '*'],
  ])('is that of %s', (text, normal) => {
    expect(originPatternFrom(text)).toBe(normal);
  });
  it.each(['*.example.com', 'https://', 'https://*/', 'https://*/x', 'null', 'https://*:[80]', 'https://(a+)+*'])(
    'is not that of %s',
    (text) => {
      expect(originPatternFrom(text)).toBeNull();
    },
  );
});

describe('a pattern', () => {
  it.each([
    ['https://*.example.com', 'https://a.example.com', true],
    ['https://*.example.com', 'https://a.b.example.com', true],
    ['https://*.example.com', 'https://example.com', false],
    ['https://*.example.com', 'https://.example.com', false],
    ['https://*.example.com', 'http://a.example.com', false],
    ['https://*.example.com', 'https://a.example.com.evil.com', false],
    ['https://*.example.com', 'https://a.example.com:8443', false],
    ['https://*.example.com', 'https://aXexample.com', false],
    ['https://*.example.com:*', 'https://a.example.com:8443', true],
    ['https://*.example.com:*', 'https://a.example.com:', false],
    ['https://a*b*c.example', 'https://a1b2c.example', true],
    ['https://a*b*c.example', 'https://abc.example', false],
    ['https://a*b*c.example', 'https://a1bc.example', false],
    ['https://a*b*c.example', 'https://axbxbxc.example', true],
    ['*://shop.example', 'http://shop.example', true],
    ['*://shop.example', '://shop.example', false],
    ['https://shop.example', 'https://shop.example', true],
    ['https://shop.example', 'https://shop.example.evil.com', false],
  ])('%s, against %s: %p', (pattern, origin, fits) => {
    expect(originMatcher(pattern)(origin)).toBe(fits);
  });
  it('takes no longer for a text made to slow it down', () => {
    const fits = originMatcher(`https://${'*a'.repeat(100)}*.example`);
    const began = performance.now();
    for (let round = 0; round < 100; round++) expect(fits(`https://${'a'.repeat(10_000)}.exampl`)).toBe(false);
    for (let round = 0; round < 100; round++) expect(fits(`https://b${'ab'.repeat(90)}.example`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(2000);
  });
  it.each([
    ['https://shop.*', true],
    ['https://shop.example*', true],
    ['https://*', true],
    ['https://*.example', false],
    ['http://localhost:*', false],
    ['*://shop.example', false],
  ])('%s lets in hosts that anybody can have: %p', (pattern, isOpen) => {
    expect(isOpenEnded(pattern)).toBe(isOpen);
  });
});
