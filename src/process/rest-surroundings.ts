import { headersOf, type RestSurroundings } from '../components/rest/rest-loader-options.js';
import { openBackendCalls } from '../gateway/execute/open-backend-calls.js';
import { shareOf } from '../gateway/execute/share.js';
import type { Settings } from '../settings/settings.js';
import type { WiringParts } from './component-wiring.js';

/** As log, health details and metrics name the source of components among the backends. */
const NAME = 'config.loader';
/** Ours at each call: nobody may set them. */
const NEVER_SENT = new Set(['traceparent', 'request_metadata', 'proxy-connection']);

/** A source with several instances is reached as systems are: by what the data plane has for them. */
export function restSurroundings({ loaded, log, replica, backends }: WiringParts): RestSurroundings {
  const { settings } = loaded;
  const { isBalanced, instances } = settings.restConnections;
  const own = (bound: number): number => shareOf(bound, replica);
  if (!(isBalanced ?? instances !== null)) return { shareOf: own, openCalls: null };
  const { discovery } = settings;
  const surroundings = { name: NAME, discovery, replica, log: { log }, inForce: backends };
  return { shareOf: own, openCalls: () => openBackendCalls(parametersOf(settings), surroundings) };
}

/** Every parameter of a system of executor rpc has its setting, without `server.` (spec/settings.md). */
function parametersOf({ restSource, restConnections }: Settings): ReadonlyMap<string, string> {
  const { discovery, instances, healthPath } = restConnections;
  const given = {
    'server.baseUrl': restSource.baseUrl,
    'server.secure': restSource.isSecure,
    'server.timeout': restSource.timeoutMs,
    'server.connectionTimeout': restSource.connectTimeoutMs,
    'server.trust': restSource.trust,
    'server.trustAll': restSource.trustsAll,
    'server.balanced': true,
    'server.discovery': discovery,
    'server.instances': instances,
    'server.maxConnections': restConnections.maxConnections,
    'server.maxIdleTime': restConnections.maxIdleMs,
    'server.maxLifeTime': restConnections.maxLifeMs,
    'server.pendingAcquireMaxCount': restConnections.maxPending,
    'server.health.path': healthPath,
    'server.health.intervalMs': restConnections.healthIntervalMs,
  };
  // Health checks are sent them; requests bring their own.
  const headers = Object.entries(headersOf(restSource)).filter(([name]) => !NEVER_SENT.has(name));
  return new Map([
    ...Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)] as const])),
    ...headers.map(([name, value]) => [`server.header.${name}`, value] as const),
  ]);
}
