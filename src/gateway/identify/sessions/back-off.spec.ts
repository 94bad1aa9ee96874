import { describe, expect, it } from '@jest/globals';
import { BackOff } from './back-off.js';

describe('a server that failed', () => {
  it('may be asked again after 1 s, then twice as long each time, 30 s at most', () => {
    const backOff = new BackOff();
    let now = 0;
    const waits = [1, 2, 3, 4, 5, 6, 7].map(() => {
      backOff.failed(now);
      const wait = backOff.msLeft(now);
      expect([backOff.mayAsk(now + wait - 1), backOff.mayAsk(now + wait)]).toEqual([false, true]);
      now += wait;
      return wait;
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });
  it('is waited for no longer because of calls that went out together', () => {
    const backOff = new BackOff();
    backOff.failed(0);
    backOff.failed(10);
    expect(backOff.msLeft(10)).toBe(990);
  });
  it('is as any other after one success', () => {
    const backOff = new BackOff();
    backOff.failed(0);
    backOff.failed(1000);
    backOff.worked();
    expect([backOff.isAway, backOff.mayAsk(1000)]).toEqual([false, true]);
    backOff.failed(5000);
    expect(backOff.msLeft(5000)).toBe(1000);
  });
});
