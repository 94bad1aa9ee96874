import { createClient, createCluster, createSentinel } from 'redis';
import { REDIS_URL } from './redis-url.js';

const CONNECT_TIMEOUT_MS = 5000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;
/** A connection that is dead without a word is given up after that. */
const PING_MS = 5000;
const SILENT_MS = 15_000;
const MOST_QUEUED = 20_000;
const NAME = 'sluice-rates';

/** What a store of rates needs of Redis or Valkey. */
export interface RedisClient {
  connect(): Promise<unknown>;
  evalSha(sha: string, call: ScriptCall): Promise<unknown>;
  eval(script: string, call: ScriptCall): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(): void;
}

export interface ScriptCall {
  readonly keys: string[];
  readonly arguments: string[];
}

/** Not connected yet. @param url `redis://…`, `redis+cluster://a:1,b:2`, `redis+sentinel://a:1,b:2/master/database` */
export function redisClient(url: string): RedisClient {
  const [, scheme = '', kind = '', login = '', hosts = '', path = '', query = ''] = REDIS_URL.exec(url) ?? [];
  const isTls = scheme === 'rediss' || scheme === 'valkeys';
  const plainScheme = isTls ? 'rediss' : 'redis';
  const [username, password] = login.split(':', 2).map((part) => decodeURIComponent(part)) as [string, string?];
  const own = { ...loginOf(username, password), ...common(isTls) };
  const nodes = hosts.split(',');
  switch (kind) {
    case '+cluster':
      return createCluster({ rootNodes: nodes.map((node) => ({ url: `${plainScheme}://${node}` })), defaults: own });
    case '+sentinel': {
      const [master = '', database = '0'] = path.split('/');
      const parameters = new URLSearchParams(query);
      return createSentinel({
        name: decodeURIComponent(master),
        sentinelRootNodes: nodes.map((node) => hostOf(node)),
        nodeClientOptions: { ...own, database: Number(database) },
        sentinelClientOptions: {
          ...common(isTls),
          ...loginOf(parameters.get('sentinelUsername') ?? '', parameters.get('sentinelPassword') ?? undefined),
        },
      });
    }
    default:
      return createClient({ ...common(isTls), url: `${plainScheme}://${url.slice(url.indexOf('://') + 3)}` });
  }
}

function loginOf(username: string, password: string | undefined): { username?: string; password?: string } {
  return { ...(username !== '' && { username }), ...(password !== undefined && password !== '' && { password }) };
}

function hostOf(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':');
  return { host: node.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(node.slice(colon + 1)) };
}

function common(isTls: boolean) {
  return {
    name: NAME,
    // What cannot go now is for nobody: this replica limits by itself.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_QUEUED,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENT_MS,
      reconnectStrategy: (tries: number): number => Math.min(FIRST_WAIT_MS * 2 ** Math.min(tries, 10), LONGEST_WAIT_MS),
      ...(isTls && { tls: true as const }),
    },
  };
}
