const MAPPED = /^(?:0{1,4}:){5}ffff:|^::ffff:/i;

/**
 * Who an address is counted as: IPv4 by itself, IPv6 by its /64, which one household or host has as a whole (spec/resilience.md). IPv4 that
 * is written as IPv6 is IPv4. @param address as `clientAddress` gives it
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  if (address !== lastAddress) {
    lastKey = networkOf(address);
    lastAddress = address;
  }
  return lastKey;
}

/** A connection brings the same address with each of its requests. */
let lastAddress = '';
let lastKey = '';

function networkOf(address: string): string {
  const [text] = address.split('%', 1) as [string];
  if (MAPPED.test(text)) return mappedOf(text.replace(MAPPED, ''));
  const [head = '', tail] = text.split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    // A dotted end stands for two groups.
    const length = after.length + (after.at(-1)?.includes('.') === true ? 1 : 0);
    while (groups.length + length < 8) groups.push('0');
    groups.push(...after);
  }
  const network = [0, 1, 2, 3].map((index) => Number.parseInt(groups[index] ?? '0', 16).toString(16));
  return `${network.join(':')}::/64`;
}

function mappedOf(end: string): string {
  if (end.includes('.')) return end;
  const [high = 0, low = 0] = end.split(':').map((group) => Number.parseInt(group, 16));
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
