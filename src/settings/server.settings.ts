import { IsOptional } from 'class-validator';
import { availableParallelism } from 'node:os';
import { millisecondsFrom, graceOfShutdown, unlessMinusOne } from './original-values.js';
import { Custom, LONGEST_TIMER_MS, Text, Whole } from './setting-kinds.js';
import { Setting } from './setting.decorator.js';
import { proxyTrustParts } from './trusted-proxies.js';

const Host = (): PropertyDecorator => Text(/^[A-Za-z0-9.:_%-]{1,253}$/, 'an address or host name');

/** Without a slash at its end; what is no URL stays, to be refused. */
function publicUrlFrom(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const given = value.trim().replace(/\/+$/, '');
  return given === '' ? null : given;
}

function isPublicUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value) || /[?#;\s]/.test(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

const MOST_WORKERS = 64;

/** What `auto` comes to on this host. */
export const autoWorkers = (): number => Math.min(MOST_WORKERS, availableParallelism());

/** How many processes a value of server.workers asks for; null where it is none. */
export function workersFrom(value: unknown): number | null {
  const text = String(value).trim().toLowerCase();
  if (text === 'auto') return autoWorkers();
  const count = /^\+?\d{1,4}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= MOST_WORKERS ? count : null;
}

const WorkerCount = (): PropertyDecorator =>
  Custom({
    expected: `a whole number from 1 to ${MOST_WORKERS}, or auto`,
    read: (value) => workersFrom(value) ?? value,
    accepts: (value) => typeof value === 'number' && workersFrom(value) !== null,
  });

/** The listener of clients, its limits, and its end. */
export class ServerSettings {
  @Setting('server.host', { doc: 'listening address', aliases: [{ name: 'server.address' }] })
  @Host()
  readonly host: string = '0.0.0.0';

  @Setting('server.port', { doc: 'listening port; 0 takes a free one' })
  @Whole(0, 65_535)
  readonly port: number = 1234;

  @Setting('server.workers', {
    doc: 'processes that serve on this host; auto = as many as cores that this process may use; above 1 needs database.url',
  })
  @WorkerCount()
  readonly workers: number = 1;

  @Setting('server.maxHeaderSize', {
    doc: 'bytes of a request’s header section, past it 431; a target above half of it is 414',
  })
  @Whole(1024, 16_777_216)
  readonly maxHeaderBytes: number = 32_768;

  @Setting('server.trustProxy', {
    doc: 'which proxies’ X-Forwarded-* and Forwarded headers count: false, true (the leftmost address counts), private (loopback, link-local and private ranges), CIDR ranges, or a number of hops (the rightmost address that is not trusted counts)',
    defaultText: 'false; private, with a warning, where `rierino.` names are read',
  })
  @Custom({
    expected: 'true, false, private, a number of hops, or addresses and CIDR ranges with commas between them',
    read: (value) => proxyTrustParts(value) ?? value,
    accepts: (value) => Array.isArray(value) && proxyTrustParts(value) !== null,
  })
  readonly trustProxy: readonly string[] = ['false'];

  /** Without a slash at its end. */
  @Setting('server.publicUrl', {
    doc: 'how browsers reach this gateway, with the path of a proxy before it, if any; authorization code flows need it, and it is never taken from Host',
  })
  @IsOptional()
  @Custom({
    expected: 'an http or https URL without user, query and fragment',
    read: publicUrlFrom,
    accepts: isPublicUrl,
  })
  readonly publicUrl: string | null = null;

  @Setting('server.requestTimeout', {
    doc: 'ms in which a request must have come; for a streamed body the longest silence',
  })
  @Whole(0, LONGEST_TIMER_MS)
  readonly requestTimeoutMs: number = 60_000;

  @Setting('server.headersTimeout', { doc: 'ms in which the header section must have come' })
  @Whole(0, LONGEST_TIMER_MS)
  readonly headersTimeoutMs: number = 15_000;

  @Setting('server.keepAliveTimeout', { doc: 'ms that an idle connection is kept' })
  @Whole(0, LONGEST_TIMER_MS)
  readonly keepAliveTimeoutMs: number = 72_000;

  @Setting('server.shutdownDelayMs', {
    doc: 'ms after SIGTERM in which new requests are still served, with Connection: close; readiness is false at once',
  })
  @Whole(0, LONGEST_TIMER_MS)
  readonly shutdownDelayMs: number = 2000;

  @Setting('server.shutdownGraceMs', {
    doc: 'ms that requests in flight have once the listener is closed',
    aliases: [
      { name: 'server.shutdown', originalOnly: true, convert: graceOfShutdown },
      { name: 'spring.lifecycle.timeout-per-shutdown-phase', originalOnly: true, convert: millisecondsFrom },
      { name: 'spring.lifecycle.timeoutPerShutdownPhase', originalOnly: true, convert: millisecondsFrom },
    ],
  })
  @Whole(0, LONGEST_TIMER_MS)
  readonly shutdownGraceMs: number = 30_000;
}

/** A second listener, for health and metrics only. */
export class ManagementSettings {
  @Setting('server.management.port', {
    doc: 'port of a second listener with health and metrics only; the first then keeps just /health/live and /health/ready',
    aliases: [{ name: 'management.server.port', convert: unlessMinusOne }],
  })
  @IsOptional()
  @Whole(0, 65_535)
  readonly port: number | null = null;

  @Setting('server.management.host', {
    doc: 'address of the second listener',
    aliases: [{ name: 'management.server.address' }],
    defaultText: 'server.host',
  })
  @IsOptional()
  @Host()
  readonly host: string | null = null;
}
