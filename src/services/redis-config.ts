import type { Members } from '../components/check/members.js';
import { hasLookup } from '../lookups/parse-lookup.js';
import { type Host, hostsOf } from './redis-hosts.js';
import { type Redisson, redissonOf, type RedissonMode } from './redisson.js';

/** What a `configString` is read as (spec/original.md, "Redis"). Messages never show what stands in it. */
export type RedisReading =
  /** A URL, a lookup that is not resolved yet, or anything else that is none of Redisson's. */
  | { readonly kind: 'as-given' }
  | {
      readonly kind: 'url';
      /** `redis://user:password@host:port/database`, `redis+cluster://…`, `redis+sentinel://…/master/database`; `rediss` with TLS. */
      readonly url: string;
      /** Names of Redisson's that say more than the URL. */
      readonly leftOut: readonly string[];
    }
  | { readonly kind: 'unreadable'; readonly problem: string };

interface Form {
  /** Where the addresses stand. */
  readonly addresses: string;
  readonly suffix: '' | '+cluster' | '+sentinel';
  readonly port: number;
  readonly used: readonly string[];
}

const LOGIN = ['username', 'password', 'ssl'];
const FORMS: Readonly<Record<Exclude<RedissonMode, 'replicatedServersConfig'>, Form>> = {
  singleServerConfig: { addresses: 'address', suffix: '', port: 6379, used: ['database'] },
  // The writes of limits go to the master, and so do their reads.
  masterSlaveServersConfig: { addresses: 'masterAddress', suffix: '', port: 6379, used: ['database'] },
  clusterServersConfig: { addresses: 'nodeAddresses', suffix: '+cluster', port: 6379, used: [] },
  sentinelServersConfig: {
    ...{ addresses: 'sentinelAddresses', suffix: '+sentinel', port: 26_379 },
    used: ['database', 'masterName', 'sentinelUsername', 'sentinelPassword'],
  },
};

/**
 * Reads Redisson's YAML or JSON as a URL; what is a URL already stays. Pure. Whoever resolves lookups calls it with what they
 * gave: a text that holds one is as given.
 */
export function readRedisConfig(value: unknown): RedisReading {
  if (typeof value === 'string' && hasLookup(value)) return { kind: 'as-given' };
  const redisson = redissonOf(value);
  if (redisson === null) return { kind: 'as-given' };
  if (typeof redisson === 'string') return { kind: 'unreadable', problem: redisson };
  try {
    return urlOf(redisson);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: 'unreadable', problem: error.message };
  }
}

class Unreadable extends Error {}

function urlOf({ mode, servers, beside }: Redisson): RedisReading {
  if (mode === 'replicatedServersConfig') throw new Unreadable('replicatedServersConfig has no URL; name the master');
  const form = FORMS[mode];
  const text = (name: string): string | null => textOf(servers, name) ?? textOf(beside, name);
  const hosts = hostsOf(servers[form.addresses], form.port);
  if (hosts === null) throw new Unreadable(`${mode}.${form.addresses} is not of the form redis://host:port`);
  if (form.suffix === '' && hosts.length > 1) throw new Unreadable(`${mode}.${form.addresses} names several servers`);
  const isTls = text('ssl') === 'true' || hosts.some((host) => host.isTls);
  const login = loginOf(text('username'), text('password')) ?? hosts.find((host) => host.login !== null)?.login ?? '';
  const used = [form.addresses, ...form.used, ...LOGIN];
  return {
    kind: 'url',
    url: `redis${isTls ? 's' : ''}${form.suffix}://${login}${hosts.map(addressOf).join(',')}${pathOf(form, text)}`,
    leftOut: [...leftOut(servers, used), ...leftOut(beside, LOGIN)],
  };
}

const addressOf = ({ name, port }: Host): string => `${name}:${port}`;

function pathOf(form: Form, text: (name: string) => string | null): string {
  const database = form.used.includes('database') ? (text('database') ?? '0') : '0';
  if (!/^\d{1,9}$/.test(database)) throw new Unreadable('database is no whole number');
  const tail = Number(database) === 0 ? '' : `/${Number(database)}`;
  if (form.suffix !== '+sentinel') return tail;
  const master = text('masterName');
  if (master === null) throw new Unreadable('sentinelServersConfig.masterName is missing');
  const query = new URLSearchParams();
  for (const name of ['sentinelUsername', 'sentinelPassword']) {
    const value = text(name);
    if (value !== null) query.set(name, value);
  }
  return `/${encoded(master)}${tail}${query.size === 0 ? '' : `?${query.toString()}`}`;
}

function loginOf(username: string | null, password: string | null): string | null {
  if (username === null && password === null) return null;
  return `${encoded(username ?? '')}${password === null ? '' : `:${encoded(password)}`}@`;
}

/** Half a pair of UTF-16 has no form in a URL. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

/** Null where it is missing, or empty. */
function textOf(members: Members, name: string): string | null {
  const value = Object.hasOwn(members, name) ? members[name] : null;
  if (value === null || value === undefined || value === '') return null;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new Unreadable(`${name} is no text`);
  }
  const text = String(value);
  if (hasLookup(text)) throw new Unreadable(`${name} holds a lookup that is not resolved`);
  if (text.includes('${')) throw new Unreadable(`${name} holds a placeholder of Redisson; write a lookup \${{…}}`);
  return text;
}

const leftOut = (members: Members, used: readonly string[]): string[] =>
  Object.keys(members).filter(
    (name) => !used.includes(name) && members[name] !== null && /^[A-Za-z]\w{0,59}$/.test(name),
  );
