import type { TrustedProxies } from '../contracts/trusted-proxies.js';
import { AddressSet, isAddressRange } from './addresses.js';

const PRIVATE_RANGES = [
  ...['127.0.0.0/8', '::1/128'],
  ...['169.254.0.0/16', 'fe80::/10'],
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
];

/** The parts of a value of server.trustProxy in normal form, or null where it is none. */
export function proxyTrustParts(value: unknown): readonly string[] | null {
  const parts = (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((part) => String(part).split(','));
  const words = parts.map((part) => part.trim().toLowerCase()).filter((word) => word !== '');
  const [only] = words;
  if (only !== undefined && words.length === 1 && /^(true|false|\d{1,3})$/.test(only)) return words;
  return words.length > 0 && words.every((word) => word === 'private' || isAddressRange(word)) ? words : null;
}

/** Makes server.trustProxy out of its parts: `false`, `true`, a number of hops, or addresses, ranges and `private`. */
export function trustedProxiesFrom(parts: readonly string[]): TrustedProxies {
  const [only] = parts;
  if (only === 'true') return { mode: 'all' };
  if (only === undefined || only === 'false' || only === '0') return { mode: 'none' };
  if (/^\d+$/.test(only)) return { mode: 'hops', hops: Number(only) };
  const addresses = new AddressSet(parts.flatMap((part) => (part === 'private' ? PRIVATE_RANGES : [part])));
  return { mode: 'addresses', trusts: (address) => addresses.has(address) };
}
