import { describe, expect, it } from '@jest/globals';
import { editDistance, nearestName } from './nearest-name.js';

describe('distance of two names', () => {
  it('counts changed, added and lost letters', () => {
    expect(editDistance('port', 'prot', 5)).toBe(2);
    expect(editDistance('kitten', 'sitting', 5)).toBe(3);
  });
  it('is not worked out past its bound', () => {
    expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(Infinity);
  });
});

describe('nearest known name', () => {
  const known = ['server.port', 'server.host', 'log.level'];

  it('is the one with the fewest differences, whatever the case', () => {
    expect(nearestName('server.prot', known)).toBe('server.port');
    expect(nearestName('SERVER.HOST', known)).toBe('server.host');
  });
  it('is nothing where most of the name differs, or the name is absurdly long', () => {
    expect(nearestName('foo.bar', known)).toBeNull();
    expect(nearestName('server.port'.repeat(100), known)).toBeNull();
  });
});
