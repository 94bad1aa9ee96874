import { isIP } from 'node:net';

/** An address at which one instance of a backend may be reached. */
export interface InstanceAddress {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Share of the load beside its equals: 1 and more. */
  readonly weight: number;
  /** Those of the lowest number serve as long as one of them can (RFC 2782). */
  readonly priority: number;
}

export interface ReadInstances {
  readonly addresses: readonly InstanceAddress[];
  /** What cannot be read, each with its entry; none where all is well. */
  readonly faults: readonly string[];
}

const MOST_ENTRIES = 1000;
const MOST_FAULTS = 20;
const MOST_SHOWN = 80;
/** Of the schemes that a backend may be called by. */
const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ws:': 80, 'wss:': 443 };

interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads server.instances: `host:port`, `host` or URLs, with commas between them. Of a URL only host and port count.
 * @param defaultPort of a host without one
 */
export function readInstances(text: string, defaultPort: number): ReadInstances {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return { addresses: [], faults: ['names no instance'] };
  if (entries.length > MOST_ENTRIES) {
    return { addresses: [], faults: [`names ${entries.length} instances; at most ${MOST_ENTRIES} are possible`] };
  }
  const byPlace = new Map<string, InstanceAddress>();
  const faults: string[] = [];
  for (const entry of entries) {
    const place = entry.includes('://') ? placeOfUrl(entry) : placeOf(entry, defaultPort);
    if (typeof place === 'string') faults.push(`${shown(entry)} ${place}`);
    else byPlace.set(`${place.host} ${place.port}`, { ...place, weight: 1, priority: 0 });
  }
  const more = faults.length - MOST_FAULTS;
  if (more > 0) faults.splice(MOST_FAULTS, more, `and ${more} more`);
  return { addresses: [...byPlace.values()], faults };
}

function placeOfUrl(text: string): Place | string {
  if (!URL.canParse(text)) return 'is no URL';
  const { protocol, username, password, hostname, port } = new URL(text);
  const schemePort = PORTS[protocol];
  if (schemePort === undefined) return `begins with ${protocol}//, not with http:// or https://`;
  if (username !== '' || password !== '') return 'must not hold a user or password';
  return portOr(port, schemePort, hostname);
}

function placeOf(text: string, defaultPort: number): Place | string {
  if (isIP(text) === 6) return 'needs brackets around its IPv6 address';
  const [, host, port] = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/.exec(text) ?? [];
  if (host === undefined) return EXPECTED;
  if (port !== undefined && !/^\d{1,5}$/.test(port)) return EXPECTED;
  return portOr(port ?? '', defaultPort, host);
}

const EXPECTED = 'is neither host:port nor a URL';

function portOr(port: string, otherwise: number, written: string): Place | string {
  const host = hostOf(written);
  if (host === null) return EXPECTED;
  const number = port === '' ? otherwise : Number(port);
  return number >= 1 && number <= 65_535 ? { host, port: number } : 'has a port that is not between 1 and 65535';
}

/** In the spelling that counts; null for what is no host. */
function hostOf(written: string): string | null {
  if (written.startsWith('[')) {
    if (isIP(written.slice(1, -1)) !== 6 || written.includes('%')) return null;
    return new URL(`http://${written}`).hostname.slice(1, -1);
  }
  if (isIP(written) === 4) return written;
  // A name whose last label is a number would be a mistyped IPv4 address (WHATWG URL, "ends in a number").
  const isName = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*)(\.[A-Za-z0-9_-]+)*\.?$/.test(written);
  return isName && URL.canParse(`http://${written}`) && !/(^|\.)\d+\.?$/.test(written) ? written.toLowerCase() : null;
}

/** As it may stand in a message. */
function shown(entry: string): string {
  const text = JSON.stringify(entry.replace(/\/\/[^/]*@/g, '//********@'));
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
