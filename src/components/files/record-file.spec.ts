import { describe, expect, it } from '@jest/globals';
import { parseFile, recordsOf } from './record-file.js';

const read = (text: string, kind: 'channel' | null = 'channel') =>
  recordsOf(parseFile(text, false).value, kind).map(({ kind: found, at }) => `${found} ${at}`);

describe('a record file', () => {
  it('holds one record or a list', () => {
    expect([read('id: a'), read('- id: a\n- id: b')]).toEqual([['channel '], ['channel /0', 'channel /1']]);
  });
  it('directly in the folder holds several kinds', () => {
    expect(read('systems: [{id: a}]\nchannels:\n- id: b\ntokens:\n', null)).toEqual([
      'system /systems/0',
      'channel /channels/0',
    ]);
  });
  it('directly in the folder that names no kind, or misspells one, is refused', () => {
    expect(() => read('id: a', null)).toThrow(/lies outside/);
    expect(() => read('systems: []\nchanels: []', null)).toThrow(/channels was probably meant/);
  });
  it('in which everything is commented out holds nothing; an empty one is half written', () => {
    expect(read('# nothing\n')).toEqual([]);
    expect(() => read('  \n')).toThrow('is empty');
  });
  it('that multiplies its anchors without end is refused', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`,
    );
    expect(() => read(`a0: &a0 [x]\n${levels.join('\n')}`)).toThrow(/anchors/);
  });
  it('with two equal names in one object is refused', () => {
    expect(() => read('id: a\nid: b')).toThrow(/duplicate key/);
  });
});
