import { BlockList, isIP, SocketAddress } from 'node:net';

interface Address {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
}

/** An address in normal form: an IPv4 address that is written as IPv6 (::ffff:1.2.3.4) counts as IPv4, a zone is left out. */
export function normalAddress(text: string): Address | null {
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  const version = isIP(bare);
  if (version === 0) return null;
  if (version === 4) return { address: bare, family: 'ipv4' };
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  return mapped === null ? { address, family: 'ipv6' } : { address: mapped[1]!, family: 'ipv4' };
}

interface Range extends Address {
  readonly prefix: number;
}

function rangeFrom(text: string): Range | null {
  const [left = '', right, ...more] = text.split('/');
  const address = normalAddress(left);
  if (address === null || more.length > 0 || left.includes('%')) return null;
  const full = address.family === 'ipv4' ? 32 : 128;
  if (right === undefined) return { ...address, prefix: full };
  if (!/^\d{1,3}$/.test(right)) return null;
  const isMapped = address.family === 'ipv4' && left.includes(':');
  const prefix = Number(right) - (isMapped ? 96 : 0);
  return prefix < 0 || prefix > full ? null : { ...address, prefix };
}

export const isAddressRange = (text: string): boolean => rangeFrom(text) !== null;

/** Peers are few and come again; the bound is against clients that invent addresses. */
const REMEMBERED = 1024;

/**
 * Addresses and CIDR ranges that can be asked in the hot path: what it said of an address is remembered.
 * @throws RangeError for what is no range
 */
export class AddressSet {
  private readonly ranges = new BlockList();
  private readonly known = new Map<string, boolean>();

  constructor(ranges: readonly string[]) {
    for (const text of ranges) {
      const range = rangeFrom(text);
      if (range === null) throw new RangeError(`"${text}" is no address and no CIDR range.`);
      this.ranges.addSubnet(range.address, range.prefix, range.family);
    }
  }

  /** False for text that is no address. */
  has(address: string): boolean {
    const known = this.known.get(address);
    if (known !== undefined) return known;
    const normal = normalAddress(address);
    const isIn = normal !== null && this.ranges.check(normal.address, normal.family);
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(address, isIn);
    return isIn;
  }
}
