import { isIP } from 'node:net';
import type { InstanceSource } from '../balance/instance-source.js';
import { type DnsOptions, dnsSource, type DnsTools } from './dns-source.js';
import { clamped } from './look.js';
import { StaticInstances } from './static-instances.js';

export interface DnsInstancesOptions extends DnsOptions {
  /** A name or an address; brackets around IPv6 may stay. */
  readonly host: string;
  readonly port: number;
  /** Bounds of a TTL. */
  readonly leastMs?: number;
  readonly mostMs?: number;
  /** Where nobody told a TTL: the host is in /etc/hosts, or nowhere. */
  readonly withoutTtlMs?: number;
}

/** The A and AAAA records of a host, each an instance on the same port. */
export function dnsInstances(options: DnsInstancesOptions, tools: DnsTools = {}): InstanceSource {
  const { port, leastMs = 1000, mostMs = 30_000, withoutTtlMs = 5000 } = options;
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  const at = (address: string) => ({ host: address, port, weight: 1, priority: 0 });
  if (isIP(host) !== 0) return new StaticInstances([at(host)]);
  return dnsSource(options, tools, async (lookup) => {
    const { addresses, ttlSeconds } = await lookup.addressesOf(host);
    const dueMs = ttlSeconds === null ? withoutTtlMs : ttlSeconds * 1000;
    return { addresses: addresses.map(at), dueMs: clamped(dueMs, leastMs, mostMs) };
  });
}
