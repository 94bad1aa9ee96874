import { describe, expect, it } from '@jest/globals';
import { KnownOrigin } from './known-origin.js';
import { KnownOrigins } from './known-origins.js';

const origin = (id: string, type = 'user') => ({ type, id });
const known = (id: string, type = 'user') => new KnownOrigin(origin(id, type), type);

describe('origins that are known', () => {
  it('are found by type and id, which no spelling confuses', () => {
    const origins = new KnownOrigins(10, 1000, 0);
    const one = known('b-c', 'a');
    origins.add(one, 0);
    expect(origins.find(origin('b-c', 'a'), 0)).toBe(one);
    expect(origins.find(origin('c', 'a-b'), 0)).toBeNull();
  });
  it('are bounded in number: the ones nobody asks for go first', () => {
    const origins = new KnownOrigins(10, 1000, 0);
    const asked = known('asked');
    origins.add(asked, 0);
    for (let index = 0; index < 100; index++) {
      origins.add(known(`other-${index}`), 0);
      expect(origins.find(asked.origin, 0)).toBe(asked);
      expect(origins.size).toBeLessThanOrEqual(10);
    }
    expect(origins.find(origin('other-0'), 0)).toBeNull();
  });
  it('are bounded in time', () => {
    const origins = new KnownOrigins(10, 1000, 0);
    origins.add(known('a'), 0);
    origins.add(known('b'), 1000);
    origins.add(known('c'), 2000);
    expect(origins.find(origin('a'), 2000)).toBeNull();
    expect(origins.size).toBe(2);
  });
  it('are found no more once they are over, in either generation, and may come anew', () => {
    const origins = new KnownOrigins(10, 1000, 0);
    const old = known('a');
    origins.add(old, 0);
    origins.add(known('b'), 1000);
    old.isOver = true;
    expect(origins.find(old.origin, 1000)).toBeNull();
    const next = known('a');
    origins.add(next, 1000);
    expect(origins.find(old.origin, 1000)).toBe(next);
    next.isOver = true;
    expect(origins.find(old.origin, 1000)).toBeNull();
  });
});
