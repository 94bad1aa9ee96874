import { Resolver } from 'node:dns/promises';
import type { InstanceSource } from '../balance/instance-source.js';
import { DnsLookup, type DnsResolver, type SystemLookup, systemLookup } from './dns-lookup.js';
import type { LookRequest, Listing } from './look.js';
import { LOOK_RULES, type LookRules, type LookTools, RepeatedLook } from './repeated-look.js';

export interface DnsOptions {
  /** `ip`, `ip:port` or `[ip]:port`; none: those of the system. */
  readonly servers: readonly string[];
}

/** What a test replaces. */
export interface DnsTools extends LookTools {
  readonly rules?: Partial<LookRules>;
  readonly resolver?: () => DnsResolver;
  readonly system?: SystemLookup;
}

/** Of one question to one server; the look as a whole has its own limit. */
const TRY_MS = 2000;
const TRIES = 2;

/** Looks into DNS again and again, with a resolver of its own: to close one source ends no query of another. */
export function dnsSource(
  options: DnsOptions,
  tools: DnsTools,
  look: (lookup: DnsLookup, signal: AbortSignal) => Promise<Listing>,
): InstanceSource {
  const { resolver = () => resolverOf(options.servers), system = systemLookup } = tools;
  const lookup = new DnsLookup(resolver(), options.servers.length > 0 ? null : system);
  let hasAnswered = true;
  const abortable = async ({ signal }: LookRequest): Promise<Listing> => {
    // A resolver keeps the servers that the system had when it was made, and these may be others by now.
    if (!hasAnswered) lookup.use(resolver());
    hasAnswered = false;
    signal.addEventListener('abort', () => lookup.cancel(), { once: true });
    const listing = await look(lookup, signal);
    hasAnswered = true;
    return listing;
  };
  return new RepeatedLook('DNS', abortable, { ...LOOK_RULES, ...tools.rules }, tools);
}

function resolverOf(servers: readonly string[]): DnsResolver {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}
