import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errorCode } from './error-code.js';
import { LookFailed } from './look.js';

interface AddressRecord {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface SrvRecord {
  /** Empty, or a dot: the service is decidedly not to be had. */
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What of Resolver (node:dns/promises) is in use. */
export interface DnsResolver {
  resolve4(host: string, options: { readonly ttl: true }): Promise<readonly AddressRecord[]>;
  resolve6(host: string, options: { readonly ttl: true }): Promise<readonly AddressRecord[]>;
  resolveSrv(host: string): Promise<readonly SrvRecord[]>;
  /** Ends all that is under way. */
  cancel(): void;
}

/** The addresses of a host by the system's own ways: /etc/hosts and search domains, too. */
export type SystemLookup = (host: string) => Promise<readonly string[]>;

export const systemLookup: SystemLookup = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

export interface HostAddresses {
  /** None where the host is not known. */
  readonly addresses: readonly string[];
  /** The smallest; null where nobody told one. */
  readonly ttlSeconds: number | null;
}

type Answer = { readonly records: readonly AddressRecord[] } | { readonly code: string };

const NOTHING = new Set(['ENOTFOUND', 'ENODATA']);
const REASONS: Readonly<Record<string, string>> = {
  ETIMEOUT: 'gave no answer in time',
  ECONNREFUSED: 'refuses the connection',
  ESERVFAIL: 'answers SERVFAIL',
  EREFUSED: 'answers REFUSED',
  EFORMERR: 'answers FORMERR',
  ENOTIMP: 'answers NOTIMP',
  EBADNAME: 'cannot be asked, since it takes no such name,',
  EBADRESP: 'gave an answer that cannot be read',
};

/** Asks DNS for the addresses and services of hosts. Remembers what each host last had, for the family of addresses that fails alone. */
export class DnsLookup {
  private readonly last = new Map<string, readonly string[]>();

  /** @param system asked where DNS does not know a host; null: DNS alone counts */
  constructor(
    private resolver: DnsResolver,
    private readonly system: SystemLookup | null,
  ) {}

  /** @throws LookFailed */
  async addressesOf(host: string): Promise<HostAddresses> {
    if (isIP(host) !== 0) return { addresses: [host], ttlSeconds: null };
    const [four, six] = await Promise.all([
      answerOf(this.resolver.resolve4(host, { ttl: true })),
      answerOf(this.resolver.resolve6(host, { ttl: true })),
    ]);
    const records = [...recordsOf(four), ...recordsOf(six)];
    if (records.length > 0) {
      const kept = [...this.keptOf(host, 4, four), ...this.keptOf(host, 6, six)];
      const addresses = [...new Set([...records.map(({ address }) => address), ...kept])];
      this.last.set(host, addresses);
      return { addresses, ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)) };
    }
    const codes = [codeOf(four), codeOf(six)];
    const bySystem = await this.askSystem(host, codes);
    if (bySystem.length > 0) return { addresses: bySystem, ttlSeconds: null };
    const failure = codes.find((code) => code !== null && !NOTHING.has(code)) ?? null;
    if (failure !== null) throw failed(host, failure);
    return { addresses: [], ttlSeconds: null };
  }

  /** @throws LookFailed */
  async servicesOf(host: string): Promise<readonly SrvRecord[]> {
    try {
      return await this.resolver.resolveSrv(host);
    } catch (error) {
      const code = errorCode(error);
      if (NOTHING.has(code)) return [];
      throw failed(host, code, { cause: error });
    }
  }

  /** What a host had when it was last found. */
  lastOf(host: string): readonly string[] {
    return this.last.get(host) ?? [];
  }

  /** Forgets all other hosts. */
  retain(hosts: ReadonlySet<string>): void {
    for (const host of this.last.keys()) if (!hosts.has(host)) this.last.delete(host);
  }

  /** Asks another from now on. */
  use(resolver: DnsResolver): void {
    this.resolver = resolver;
  }

  cancel(): void {
    this.resolver.cancel();
  }

  private keptOf(host: string, family: 4 | 6, answer: Answer): readonly string[] {
    const code = codeOf(answer);
    if (code === null || NOTHING.has(code)) return [];
    return this.lastOf(host).filter((address) => isIP(address) === family);
  }

  private async askSystem(host: string, codes: readonly (string | null)[]): Promise<readonly string[]> {
    const mayKnow = codes.every((code) => code === null || NOTHING.has(code) || code === 'ECONNREFUSED');
    if (this.system === null || !mayKnow) return [];
    try {
      const addresses = [...new Set(await this.system(host))];
      this.last.set(host, addresses);
      return addresses;
    } catch (error) {
      const code = errorCode(error);
      if (NOTHING.has(code)) return [];
      // With search domains it may be the one that knows the host: then DNS's own word is worth nothing.
      throw new LookFailed(`cannot look up ${host} now (${code})`, { cause: error });
    }
  }
}

async function answerOf(asked: Promise<readonly AddressRecord[]>): Promise<Answer> {
  try {
    return { records: await asked };
  } catch (error) {
    return { code: errorCode(error) };
  }
}

const recordsOf = (answer: Answer): readonly AddressRecord[] => ('records' in answer ? answer.records : []);
const codeOf = (answer: Answer): string | null => ('code' in answer ? answer.code : null);

function failed(host: string, code: string, options?: ErrorOptions): LookFailed {
  return new LookFailed(`${REASONS[code] ?? `cannot be asked (${code})`} for ${host}`, options);
}
