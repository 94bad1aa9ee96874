import type { InstanceAddress, InstanceSource } from '../balance/instance-source.js';
import type { DnsLookup, SrvRecord } from './dns-lookup.js';
import { type DnsOptions, dnsSource, type DnsTools } from './dns-source.js';
import { clamped, LookFailed } from './look.js';

export interface SrvInstancesOptions extends DnsOptions {
  /** Name of the SRV records, as it is written: `_http._tcp.orders.example`. */
  readonly host: string;
  /** Between looks; the TTL of SRV records is not told. */
  readonly intervalMs?: number;
}

const LEAST_MS = 1000;
const MOST_MS = 30_000;
/** Targets that are looked up at the same time. */
const AT_ONCE = 32;

/** The SRV records of a name: each address of each target is an instance, on the port of the record. */
export function srvInstances(options: SrvInstancesOptions, tools: DnsTools = {}): InstanceSource {
  const { host, intervalMs = 10_000 } = options;
  const dueMs = clamped(intervalMs, LEAST_MS, MOST_MS);
  return dnsSource(options, tools, async (lookup, signal) => {
    const records = (await lookup.servicesOf(host)).filter(({ name, port }) => name !== '' && name !== '.' && port > 0);
    const byTarget = await addressesByTarget(lookup, new Set(records.map(({ name }) => name)), signal);
    return { addresses: records.flatMap((record) => instancesOf(record, byTarget.get(record.name) ?? [])), dueMs };
  });
}

/** Zero is the least weight, and not none (RFC 2782). */
const instancesOf = (record: SrvRecord, addresses: readonly string[]): readonly InstanceAddress[] =>
  addresses.map((host) => ({
    host,
    port: record.port,
    weight: Math.max(1, record.weight),
    priority: record.priority,
  }));

/**
 * A target that cannot be looked up keeps what it had.
 * @throws LookFailed where none of them has anything, and for one of them at least that is not certain
 */
async function addressesByTarget(
  lookup: DnsLookup,
  targets: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  lookup.retain(targets);
  const found = new Map<string, readonly string[]>();
  const failures: LookFailed[] = [];
  const addressesOf = async (target: string): Promise<void> => {
    try {
      found.set(target, (await lookup.addressesOf(target)).addresses);
    } catch (error) {
      if (!(error instanceof LookFailed)) throw error;
      failures.push(error);
      found.set(target, lookup.lastOf(target));
    }
  };
  const names = [...targets];
  for (let start = 0; start < names.length; start += AT_ONCE) {
    await Promise.all(names.slice(start, start + AT_ONCE).map(addressesOf));
    signal.throwIfAborted();
  }
  const isEmpty = [...found.values()].every((addresses) => addresses.length === 0);
  if (isEmpty && failures[0] !== undefined) throw failures[0];
  return found;
}
