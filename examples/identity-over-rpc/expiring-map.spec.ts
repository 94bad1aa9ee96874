import { beforeEach, describe, expect, it } from '@jest/globals';
import { ExpiringMap } from './expiring-map.js';

describe('a map of two entries that live for 100 ms', () => {
  let now: number;
  let map: ExpiringMap<string>;
  beforeEach(() => {
    now = 0;
    map = new ExpiringMap({ ttlMs: 100, maxEntries: 2, now: () => now });
  });

  it('forgets an entry when its time has come', () => {
    map.set('a', 'x');
    now = 99;
    expect(map.get('a')).toBe('x');
    now = 100;
    expect([map.get('a'), map.size]).toEqual([undefined, 0]);
  });

  it('starts the time of an entry anew when it is written', () => {
    map.set('a', 'x');
    map.set('b', 'y');
    now = 60;
    expect(map.set('a', 'z').expire).toBe(160);
    now = 120;
    expect([map.get('a'), map.get('b')]).toEqual(['z', undefined]);
  });

  it('drops the entry that would end first when there is no room', () => {
    map.set('a', '1');
    map.set('b', '2');
    map.set('a', '3');
    map.set('c', '4');
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual(['3', undefined, '4']);
  });
});
