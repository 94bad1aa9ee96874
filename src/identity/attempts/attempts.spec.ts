import { describe, expect, it } from '@jest/globals';
import { addressKey, nameKey } from './attempt-keys.js';
import { delayMs, LateAnswers } from './failure-delay.js';

describe('answers to failed logins', () => {
  it('come late from the third failure, each twice as late as the last, at most 8 s', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 1000].map(delayMs)).toEqual([0, 0, 0, 1000, 2000, 4000, 8000, 8000, 8000]);
  });
  it('past the bound come at once', async () => {
    const ends: (() => void)[] = [];
    const slept: number[] = [];
    const late = new LateAnswers(2, (ms) => (slept.push(ms), new Promise((resolve) => ends.push(resolve))));
    const waiting = [late.wait(3, null), late.wait(4, null)];
    await late.wait(9, null);
    expect(slept).toEqual([1000, 2000]);
    for (const end of ends) end();
    await Promise.all(waiting);
    void late.wait(5, null);
    expect(slept).toEqual([1000, 2000, 4000]);
  });
  it('are let go of where nobody waits any more', async () => {
    const gone = new AbortController();
    const waiting = new LateAnswers(1).wait(8, gone.signal);
    gone.abort();
    await waiting;
    await new LateAnswers(1).wait(8, gone.signal);
  });
});

describe('attempts are counted', () => {
  it('by type and name, whose parts cannot be shifted', () => {
    expect(nameKey('user', 'ada')).not.toBe(nameKey('usera', 'da'));
    expect(nameKey('user', 'ada')).not.toBe(nameKey('admin', 'ada'));
  });
  it('by address, of IPv6 by the network of 64 bits', () => {
    expect(addressKey('2001:db8::1')).toBe(addressKey('2001:0DB8:0:0:ffff::2'));
    expect(addressKey('2001:db8::1')).not.toBe(addressKey('2001:db8:0:1::1'));
    expect(addressKey('::ffff:192.0.2.1')).toBe(addressKey('192.0.2.1'));
    expect(addressKey('fe80::1%eth0')).toBe(addressKey('fe80::2'));
    expect(addressKey('192.0.2.1')).not.toBe(addressKey('192.0.2.2'));
    expect(addressKey('1:2:3:4:5:6:7:8')).toBe(addressKey('1:2:3:4::'));
  });
});
