import { describe, expect, it } from '@jest/globals';
import { proxyTrustParts, trustedProxiesFrom } from './trusted-proxies.js';

const trustOf = (value: unknown) => trustedProxiesFrom(proxyTrustParts(value) ?? []);
const trusts = (value: unknown, address: string): boolean => {
  const trust = trustOf(value);
  if (trust.mode !== 'addresses') throw new Error(trust.mode);
  return trust.trusts(address);
};

describe('server.trustProxy', () => {
  it('trusts nobody where it is false, or no hop', () => {
    expect([trustOf('false'), trustOf('0')]).toEqual([{ mode: 'none' }, { mode: 'none' }]);
  });
  it('trusts every peer where it is true', () => {
    expect(trustOf('True')).toEqual({ mode: 'all' });
  });
  it('counts hops, and 1 is one hop, not true', () => {
    expect(trustOf('1')).toEqual({ mode: 'hops', hops: 1 });
  });
  it.each(['127.0.0.1', '::1', '169.254.1.1', 'fe80::1%eth0', '10.1.1.1', '172.31.0.1', '192.168.0.1', 'fd00::1'])(
    'trusts %s where it is private',
    (address) => {
      expect(trusts('private', address)).toBe(true);
    },
  );
  it.each(['8.8.8.8', '172.32.0.1', '100.64.0.1', '2001:db8::1'])(
    'does not trust %s where it is private',
    (address) => {
      expect(trusts('private', address)).toBe(false);
    },
  );
  it('takes ranges, also beside private, as text or as a list', () => {
    expect(trusts('203.0.113.0/24, private', '203.0.113.9')).toBe(true);
    expect(trusts(['203.0.113.0/24', 'private'], '::ffff:10.0.0.1')).toBe(true);
  });
  it.each(['', 'yes', 'true, 10.0.0.0/8', '1,2', '-1', '10.0.0.0/40', 'privat'])('does not understand %j', (value) => {
    expect(proxyTrustParts(value)).toBeNull();
  });
});
