import { describe, expect, it } from '@jest/globals';
import { findingOf } from './check/record-check.js';
import { StandingFindings } from './finding-board.js';

const aFinding = (id: string, line?: number) =>
  findingOf('channel', id, 'fault', { pointer: '/x', message: 'wrong', line });

describe('the board of findings', () => {
  it('remembers since when a finding stands, although its line moves', () => {
    let now = 0;
    const board = new StandingFindings(() => new Date(now));
    board.replace('one', [aFinding('a', 1)]);
    now = 1000;
    board.replace('one', [aFinding('a', 5), aFinding('b')]);
    expect(board.standing().map(({ id, line, since }) => [id, line, since])).toEqual([
      ['a', 5, '1970-01-01T00:00:00.000Z'],
      ['b', undefined, '1970-01-01T00:00:01.000Z'],
    ]);
  });
  it('keeps the lists of reporters apart', () => {
    const board = new StandingFindings();
    board.replace('one', [aFinding('a')]);
    board.replace('two', [aFinding('b')]);
    board.replace('one', []);
    expect(board.standing().map(({ id }) => id)).toEqual(['b']);
  });
});
