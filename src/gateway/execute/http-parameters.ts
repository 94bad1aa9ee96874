import { constants } from 'node:buffer';
import { isIP } from 'node:net';
import type { CalleeBounds } from '../../contracts/executor.js';
import { readBalancing, type Balancing } from './balance/read-balancing.js';
import type { ClientCredentials } from './client-credentials/client-token.js';
import { readCredentials } from './client-credentials/read-credentials.js';
import { readTls, type TlsTrust } from './read-tls.js';
import { ParameterReader } from './parameters.js';
import { COOKIE_VALUE, FIELD_VALUE, TOKEN } from '../http-syntax.js';

export type { Balancing } from './balance/read-balancing.js';

export interface HttpParameters {
  /** `http://host:port`, no path. */
  readonly origin: string;
  readonly scheme: 'http:' | 'https:';
  /** Path of the base URL without a trailing slash; empty for none. */
  readonly basePath: string;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly retryAfterSeconds: number;
  readonly bounds: CalleeBounds;
  readonly maxConnections: number;
  readonly maxPending: number;
  readonly maxIdleMs: number;
  /** Null: a connection is used as long as it holds. */
  readonly maxLifeMs: number | null;
  readonly maxBufferedBytes: number;
  /** Headers of every call, as a flat list: Authorization, server.header.*, one Cookie of server.cookie.*. */
  readonly headers: readonly string[];
  /** Lower case. */
  readonly forwardHeaders: readonly string[];
  /** Null: server.baseUrl names the one instance. */
  readonly balancing: Balancing | null;
  readonly tls: TlsTrust;
  /** Null: no health checks. */
  readonly health: HealthCheck | null;
  /** Null: no token of client credentials. */
  readonly credentials: ClientCredentials | null;
}

export interface HealthCheck {
  /** At each instance, from its root. */
  readonly path: string;
  readonly intervalMs: number;
}

export interface HttpSurroundings {
  /** Bytes of an answer that may be buffered where the system does not say it. */
  readonly maxBufferedBytes: number;
  readonly hasConsul: boolean;
}

/** Ours or the connection's: a system cannot set them. */
const RESERVED = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'proxy-connection',
  'traceparent',
  'request_metadata',
]);
const NEVER_FORWARDED = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'rierino-origin',
  'sluice-origin',
  ...RESERVED,
]);

/** @throws ParametersRejected */
export function readHttpParameters(
  values: ReadonlyMap<string, string>,
  { maxBufferedBytes, hasConsul }: HttpSurroundings,
): HttpParameters {
  const reader = new ParameterReader(values);
  const url = readBaseUrl(reader);
  const basePath = url.pathname.replace(/\/+$/, '');
  const isSecure = url.protocol === 'https:';
  const balancing = readBalancing(reader, url, hasConsul);
  const credentials = readCredentials(reader, basePath);
  const maxLifeMs = reader.integer('server.maxLifeTime', -1, -1);
  const buffered = reader.integer('server.maxInMemorySize', maxBufferedBytes, -1);
  const maxIdleMs = reader.integer('server.maxIdleTime', 30_000, -1);
  const maxPending = reader.integer('server.pendingAcquireMaxCount', 96, -1);
  reader.boolean('authenticated');
  const totalTimeoutMs = reader.integer('server.totalTimeout', 0, 1);
  const retryAfterSeconds = reader.integer('server.retryAfter503', 30, 1);
  const parameters: HttpParameters = {
    origin: url.origin,
    scheme: isSecure ? 'https:' : 'http:',
    basePath,
    timeoutMs: clampTimer(reader.integer('server.timeout', 60_000, 1)),
    connectTimeoutMs: clampTimer(reader.integer('server.connectionTimeout', 10_000, 1)),
    retryAfterSeconds,
    bounds: {
      totalTimeoutMs: totalTimeoutMs === 0 ? null : clampTimer(totalTimeoutMs),
      retryAfterSeconds: values.has('server.retryAfter503') ? retryAfterSeconds : null,
    },
    maxConnections: reader.integer('server.maxConnections', 500, 1),
    maxPending: maxPending === -1 ? Infinity : maxPending,
    maxIdleMs: maxIdleMs === -1 ? MAX_TIMER_MS : Math.max(1, clampTimer(maxIdleMs)),
    maxLifeMs: maxLifeMs === -1 ? null : Math.max(1, maxLifeMs),
    maxBufferedBytes: buffered === -1 ? constants.MAX_STRING_LENGTH : buffered,
    headers: readHeaders(reader, balancing, credentials !== null),
    forwardHeaders: readForwardHeaders(reader),
    balancing,
    tls: isSecure ? readTls(reader, balancing === null || isIP(balancing.host) !== 0 ? null : balancing.host) : {},
    health: readHealth(reader),
    credentials,
  };
  reader.finish();
  return Object.freeze(parameters);
}

/** Node's timers hold 31 bits; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;
function clampTimer(ms: number): number {
  return Math.min(ms, MAX_TIMER_MS);
}

function readBaseUrl(reader: ParameterReader): URL {
  const nothing = new URL('http://invalid');
  const text = reader.required('server.baseUrl');
  if (text === '') return nothing;
  const isSecure = reader.boolean('server.secure');
  if (!URL.canParse(text)) {
    reader.fault('server.baseUrl', 'must be a URL such as http://orders:8080/base');
    return nothing;
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    reader.fault('server.baseUrl', `must begin with http:// or https://, not ${url.protocol}//`);
    return nothing;
  }
  if (url.username !== '' || url.password !== '') {
    reader.fault('server.baseUrl', 'must not hold a user or password: use server.header.Authorization');
  }
  if (url.search !== '' || url.hash !== '') reader.fault('server.baseUrl', 'must not have a query or fragment');
  if (isSecure) url.protocol = 'https:';
  return url;
}

function readHealth(reader: ParameterReader): HealthCheck | null {
  const intervalMs = clampTimer(reader.integer('server.health.intervalMs', 10_000, 1));
  const path = reader.text('server.health.path')?.trim() ?? '';
  if (path === '') return null;
  if (!/^\/?[\x21-\x7e]{1,2000}$/.test(path) || URL.canParse(path))
    reader.fault('server.health.path', 'must be a path such as /health');
  return { path: path.startsWith('/') ? path : `/${path}`, intervalMs };
}

/** A token of client credentials stands for any other. */
function readHeaders(reader: ParameterReader, balancing: Balancing | null, hasCredentials: boolean): string[] {
  const headers: string[] = balancing === null ? [] : ['host', balancing.authority];
  const token = reader.text('token');
  if (token !== null && token !== '' && !hasCredentials) {
    if (!FIELD_VALUE.test(token)) reader.fault('token', 'holds characters that a header cannot carry');
    headers.push('authorization', `Bearer ${token}`);
  }
  for (const [name, value] of reader.family('server.header.')) {
    const parameter = `server.header.${name}`;
    if (!TOKEN.test(name)) reader.fault(parameter, 'is not the name of a header');
    else if (RESERVED.has(name.toLowerCase())) reader.fault(parameter, 'is set by the gateway itself');
    if (!FIELD_VALUE.test(value)) reader.fault(parameter, 'holds characters that a header cannot carry');
    if (name.toLowerCase() === 'authorization') {
      if (hasCredentials) reader.fault(parameter, 'and server.clientId exclude each other');
      removeHeader(headers, 'authorization');
    }
    headers.push(name.toLowerCase(), value);
  }
  const cookies: string[] = [];
  for (const [name, value] of reader.family('server.cookie.')) {
    if (!TOKEN.test(name) || !COOKIE_VALUE.test(value)) {
      reader.fault(`server.cookie.${name}`, 'holds characters that a cookie cannot carry');
    }
    cookies.push(`${name}=${value}`);
  }
  if (cookies.length > 0) headers.push('cookie', cookies.join('; '));
  return headers;
}

function removeHeader(headers: string[], name: string): void {
  const index = headers.indexOf(name);
  if (index !== -1) headers.splice(index, 2);
}

function readForwardHeaders(reader: ParameterReader): string[] {
  const names = (reader.text('server.forwardHeaders') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  for (const name of names) {
    if (!TOKEN.test(name)) reader.fault('server.forwardHeaders', `"${name}" is not the name of a header`);
    else if (NEVER_FORWARDED.has(name) || /^(?:rierino|sluice)-auth\./.test(name)) {
      reader.fault('server.forwardHeaders', `"${name}" never goes to a runner`);
    }
  }
  return names;
}
