import type { BackendCalls } from '../../contracts/backend-calls.js';
import type { ComponentKind } from '../../contracts/records.js';
import { LONGEST_TIMER_MS } from '../../settings/setting-kinds.js';
import type { Settings } from '../../settings/settings.js';
import type { Log } from '../load-log.js';
import type { RestClientOptions } from './rest-client.js';

export interface RestLoaderOptions extends RestClientOptions {
  readonly gatewayId: string;
  /** Ms from the end of a load to the next; -1 never. */
  readonly refreshMs: number;
  /** Of each kind's records, relative to the base URL. */
  readonly paths: Readonly<Record<ComponentKind, string>>;
  readonly log: Log;
}

/** What the process around it gives a REST loader. */
export interface RestSurroundings {
  /** This worker's part of a bound of the whole replica. */
  readonly shareOf: (bound: number) => number;
  /** Calls of a source that has several instances; null: it has one. */
  readonly openCalls: (() => BackendCalls) | null;
}
const ALONE: RestSurroundings = { shareOf: (bound) => bound, openCalls: null };

/** What a REST loader works with, of settings that were checked and name a base URL. @throws Error without one */
export function restLoaderOptionsOf(
  settings: Pick<Settings, 'gateway' | 'restSource' | 'restConnections'>,
  log: Log,
  around: RestSurroundings = ALONE,
): RestLoaderOptions {
  const { gateway, restSource: source, restConnections: connections } = settings;
  if (source.baseUrl === null) throw new Error('The REST loader needs config.loader.baseUrl.');
  const baseUrl = new URL(source.baseUrl);
  if (source.isSecure) baseUrl.protocol = 'https:';
  const { clientId, clientSecret, tokenPath } = source;
  return {
    baseUrl,
    timeoutMs: source.timeoutMs,
    totalTimeoutMs: connections.totalTimeoutMs,
    maxConnections: around.shareOf(connections.maxConnections),
    maxIdleMs: connections.maxIdleMs === -1 ? LONGEST_TIMER_MS : Math.max(1, connections.maxIdleMs),
    maxLifeMs: connections.maxLifeMs === -1 ? null : connections.maxLifeMs,
    openCalls: around.openCalls,
    connectTimeoutMs: source.connectTimeoutMs,
    maxPageBytes: source.maxPageBytes,
    headers: headersOf(source),
    credentials: clientId === null ? null : { clientId, secret: clientSecret ?? '', tokenPath: tokenPath ?? '' },
    trustsAll: source.trustsAll,
    trust: source.trust,
    gatewayId: gateway.id,
    refreshMs: gateway.refreshMs ?? -1,
    paths: {
      system: source.systemPath,
      channel: source.channelPath,
      service: source.servicePath,
      token: source.tokenKindPath,
    },
    log,
  };
}

/** A header that is named outright beats what the token and the cookies come to. */
export function headersOf({ token, headers, cookies }: Settings['restSource']): Readonly<Record<string, string>> {
  const cookie = Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  return {
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(cookie !== '' && { cookie }),
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  };
}
