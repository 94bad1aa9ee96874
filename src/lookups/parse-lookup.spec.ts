import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasLookup, parseLookups, soleLookup } from './parse-lookup.js';

const lookup = (text: string) => parseLookups(text).parts[0];

describe('a lookup', () => {
  it('is a value with $ and a secret with #', () => {
    expect(lookup('${{a.b.c}}')).toMatchObject({ kind: 'value', path: 'a.b.c', isEphemeral: false });
    expect(lookup('#{{a.b.c}}')).toMatchObject({ kind: 'secret', path: 'a.b.c', isEnvironmentOnly: false });
  });
  it('is ephemeral with an exclamation mark', () => {
    expect(lookup('$!{{a}}')).toMatchObject({ kind: 'value', isEphemeral: true });
    expect(lookup('#!{{a}}')).toMatchObject({ kind: 'secret', isEphemeral: true });
  });
  it('asks the environment only, with a question mark', () => {
    expect(lookup('${{?HOME}}')).toMatchObject({ path: 'HOME', isEnvironmentOnly: true });
    expect(lookup('#!{{?HOME}}')).toMatchObject({ kind: 'secret', isEphemeral: true, isEnvironmentOnly: true });
  });
  it('may stand in a text, several times', () => {
    const { parts, problems } = parseLookups('http://${{host}}:${{ port }}/x}}');
    expect(parts.map((part) => (typeof part === 'string' ? part : part.path))).toEqual([
      'http://',
      'host',
      ':',
      'port',
      '/x}}',
    ]);
    expect(problems).toEqual([]);
  });
  it.each(['', 'a', '${a}', '#{a}', '{{a}}', '$ {{a}}'])('is none: %j', (text) => {
    expect(hasLookup(text)).toBe(false);
    expect(parseLookups(text)).toEqual({ parts: text === '' ? [] : [text], problems: [] });
  });
});

describe('a lookup that cannot be read', () => {
  it.each([
    ['${{a', 'is not closed'],
    ['${{a}', 'is not closed'],
    ['${{}}', 'names no path'],
    ['#{{ ? }}', 'names no path'],
    ['${{a\nb}}', 'not printable'],
    ['${{a\u0000}}', 'not printable'],
    ['${{a${{b}}}}', 'holds a brace'],
    [`#{{${'a'.repeat(513)}}}`, 'longer than 512'],
  ])('is a problem: %j', (text, message) => {
    expect(parseLookups(text).problems.join()).toContain(message);
    expect(soleLookup(text)).toBeNull();
  });
  it('does not show what it holds', () => {
    expect(parseLookups('#{{hunter2').problems.join()).not.toContain('hunter2');
    expect(parseLookups('#{{hunter2{}}').problems.join()).not.toContain('hunter2');
  });
  it('does not hide another one', () => {
    expect(parseLookups('${{}}${{}}${{b}}').problems).toHaveLength(2);
  });
});

describe('a text', () => {
  it('is nothing but a lookup, or more', () => {
    expect(soleLookup('#{{a}}')).toMatchObject({ path: 'a' });
    expect([' #{{a}}', '#{{a}}#{{b}}', 'x', ''].map(soleLookup)).toEqual([null, null, null, null]);
  });
  it('is its parts, put together', () => {
    const piece = fc.constantFrom('${{a}}', '#!{{?b}}', 'x', ' ', '}}', '$', '#');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const { parts, problems } = parseLookups(text);
        expect(parts.map((part) => (typeof part === 'string' ? part : part.text)).join('')).toBe(text);
        expect(problems).toEqual([]);
      }),
    );
  });
});
