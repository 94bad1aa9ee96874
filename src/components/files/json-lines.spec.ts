import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scanJson } from './json-lines.js';
import { PointerTree } from './pointer-tree.js';
import { parseFile, UnreadableFile } from './record-file.js';

const linesOf = (text: string, isJson: boolean, ...pointers: string[]) => parseFile(text, isJson).lines(pointers);
function failure(text: string, isJson: boolean): UnreadableFile {
  try {
    parseFile(text, isJson);
  } catch (error) {
    if (error instanceof UnreadableFile) return error;
  }
  throw new Error('It was read.');
}
const accepts = (text: string, read: (text: string) => void): boolean => {
  try {
    read(text);
    return true;
  } catch {
    return false;
  }
};

describe('lines of a file', () => {
  const JSON_TEXT = '[\n {"id": "a",\n  "data": {\n   "paths": {"product":\n {"isPublic": 1}}}}\n]';
  it('are those of the names in JSON', () => {
    expect(linesOf(JSON_TEXT, true, '/0', '/0/data/paths', '/0/data/paths/~1product/isPublic')).toEqual([2, 4, 5]);
  });
  it('are those of the names in YAML', () => {
    const text = '- id: a\n  data:\n    paths:\n      product:\n        isPublic: 1\n';
    expect(linesOf(text, false, '/0', '/0/data/paths', '/0/data/paths/~1product/isPublic')).toEqual([1, 3, 5]);
  });
  it('are those of what is around a place that is not there', () => {
    expect(linesOf(JSON_TEXT, true, '/0/data/system', '')).toEqual([3, 1]);
  });
  it('tell where JSON and YAML break, and never quote the text', () => {
    const json = failure('{"a": 1,\n "secret": hidden}', true);
    expect([json.line, json.message]).toEqual([2, 'is not valid JSON at line 2, column 12']);
    const yaml = failure('a: 1\nb: "x" hidden\n', false);
    expect(yaml.line).toBe(2);
    expect(yaml.message).not.toContain('hidden');
  });
});

describe('the scanner of JSON', () => {
  it('accepts what JSON.parse accepts, and nothing else', () => {
    const scan = (text: string): void => scanJson(text, PointerTree.of([]));
    fc.assert(fc.property(fc.json(), (text) => expect(accepts(text, scan)).toBe(true)));
    const noise = fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', '-', '.', 'e', 'true', ' ', '\\', 'u00e9'),
    });
    fc.assert(
      fc.property(noise, (text) => expect(accepts(text, scan)).toBe(accepts(text, JSON.parse))),
      { numRuns: 2000 },
    );
  });
});
