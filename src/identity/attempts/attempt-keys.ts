import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** A name of a type, whether or not there is such a user. */
export function nameKey(type: string, foldedName: string): string {
  return `n:${digest(`${type}\n${foldedName}`)}`;
}

/** An address; of IPv6 the network of 64 bits, which one subscriber has as a whole. */
export function addressKey(address: string): string {
  return `a:${digest(isIPv6(address) ? network64(address) : address)}`;
}

function network64(address: string): string {
  const [text = ''] = address.toLowerCase().split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = text.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  const groups = tail === undefined ? first : [...first, ...zeros, ...last];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
