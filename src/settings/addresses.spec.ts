import { describe, expect, it } from '@jest/globals';
import { AddressSet, isAddressRange, normalAddress } from './addresses.js';

describe('an address', () => {
  it('of IPv4 that is written as IPv6 counts as IPv4, in either spelling', () => {
    expect(normalAddress('::ffff:1.2.3.4')).toEqual({ address: '1.2.3.4', family: 'ipv4' });
    expect(normalAddress('::FFFF:102:304')).toEqual({ address: '1.2.3.4', family: 'ipv4' });
  });
  it('loses its zone', () => {
    expect(normalAddress('fe80::1%eth0')).toEqual({ address: 'fe80::1', family: 'ipv6' });
  });
  it.each(['', 'localhost', '1.2.3', '1.2.3.4:80', '[::1]', '01.2.3.4'])('is not %j', (text) => {
    expect(normalAddress(text)).toBeNull();
  });
});

describe('a range of addresses', () => {
  it.each(['10.0.0.0/8', '10.1.2.3', '::1', 'fc00::/7', '0.0.0.0/0', '::ffff:10.0.0.0/104'])('may be %s', (text) => {
    expect(isAddressRange(text)).toBe(true);
  });
  it.each(['10.0.0.0/33', 'fc00::/129', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/', 'x/8', '::ffff:10.0.0.0/8'])(
    'is not %s',
    (text) => {
      expect(isAddressRange(text)).toBe(false);
    },
  );
});

describe('a set of addresses', () => {
  const set = new AddressSet(['10.0.0.0/8', '2001:db8::/32', '::ffff:192.0.2.0/120']);

  it('has what lies in a range, also when it is asked again', () => {
    expect(['10.255.0.1', '2001:db8::9', '192.0.2.7', '10.255.0.1'].every((address) => set.has(address))).toBe(true);
  });
  it('has an IPv4 address that a socket tells as IPv6', () => {
    expect(set.has('::ffff:10.0.0.1')).toBe(true);
  });
  it('has nothing else, and no text that is no address', () => {
    expect(['11.0.0.1', '2001:db9::1', '192.0.3.1', 'unknown', ''].some((address) => set.has(address))).toBe(false);
  });
  it('keeps telling the truth past the addresses that it remembers', () => {
    for (let last = 0; last < 3000; last += 1) set.has(`11.0.${last >> 8}.${last & 255}`);
    expect([set.has('10.0.0.1'), set.has('11.0.0.1')]).toEqual([true, false]);
  });
  it('cannot be made of what is no range', () => {
    expect(() => new AddressSet(['10.0.0.0/99'])).toThrow(RangeError);
  });
});
