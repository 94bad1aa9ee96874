/** A server of Redis as an address names it. */
export interface Host {
  /** IPv6 in brackets. */
  readonly name: string;
  readonly port: number;
  readonly isTls: boolean;
  /** `user:password@` as a URL writes it; null without one. */
  readonly login: string | null;
}

const ADDRESS =
  /^(?:(redis|rediss|valkey|valkeys):\/\/)?(?:([^@/?#\s]*)@)?([a-z0-9_][a-z0-9._-]*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i;
const MOST_HOSTS = 1000;

/** One address or several, as a list or with commas; null where there is none, or one that cannot be read. */
export function hostsOf(value: unknown, defaultPort: number): readonly Host[] | null {
  const texts: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  if (texts.length === 0 || texts.length > MOST_HOSTS) return null;
  const hosts: Host[] = [];
  for (const text of texts) {
    const host = typeof text === 'string' ? hostOf(text.trim(), defaultPort) : null;
    if (host === null) return null;
    hosts.push(host);
  }
  return hosts;
}

function hostOf(text: string, defaultPort: number): Host | null {
  const found = ADDRESS.exec(text);
  if (found === null) return null;
  const [, scheme = 'redis', login = '', name = '', written] = found;
  const port = written === undefined ? defaultPort : Number(written);
  if (port < 1 || port > 65_535) return null;
  return { name, port, isTls: /^(?:rediss|valkeys)$/i.test(scheme), login: login === '' ? null : `${login}@` };
}
