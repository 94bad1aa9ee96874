import { describe, expect, it } from '@jest/globals';
import { Refused } from '../../low-rate/refused.js';
import { preconditionOf, tagOf, versionFor } from './if-match.js';

describe('If-Match', () => {
  it.each([
    [undefined, null],
    ['*', null],
    ['"3"', [3]],
    ['"3", "4" ,"5"', [3, 4, 5]],
    ['W/"3"', []],
    ['"abc"', []],
    ['"03"', []],
    ['""', []],
    ['"0"', []],
  ])('%s names the versions %j', (header, versions) => {
    expect(preconditionOf(header)).toEqual(versions);
  });
  it.each(['', '3', '"3', '"3",', '*, "3"', 'w/"3"', `${'"1",'.repeat(20)}"1"`])('%s is malformed', (header) => {
    expect(() => preconditionOf(header)).toThrow(Refused);
  });
  it('names what ETag told', () => {
    expect(preconditionOf(tagOf(12))).toEqual([12]);
  });
});

describe('a write insists on', () => {
  const current = async () => 4;
  const unplanned = async (): Promise<number> => Promise.reject(new Error('unplanned'));

  it('no version where nothing is said', async () => {
    expect(await versionFor(null, unplanned)).toBeNull();
  });
  it('the one that is named, which the database compares', async () => {
    expect(await versionFor([9], unplanned)).toBe(9);
  });
  it('the current one where it is among several', async () => {
    expect(await versionFor([3, 4], current)).toBe(4);
  });
  it.each([[[]], [[3, 5]]])('nothing that can be right: %j', async (versions) => {
    await expect(versionFor(versions, current)).rejects.toMatchObject({ error: 'RECORD_CHANGED' });
  });
});
