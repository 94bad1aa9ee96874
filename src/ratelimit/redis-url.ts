/** Scheme, kind, login, hosts, path, query. */
export const REDIS_URL =
  /^(redis|rediss|valkey|valkeys)(\+cluster|\+sentinel)?:\/\/(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;

/** Server, cluster or sentinels that a URL names, as services/redis-config.ts writes them; with no password. */
export function redisName(url: string): string {
  return `Redis at ${REDIS_URL.exec(url)?.[4] ?? 'an unreadable address'}`;
}

/** Whether a URL is of a form that `redisClient` can use. */
export function isRedisUrl(url: string): boolean {
  return REDIS_URL.test(url);
}
