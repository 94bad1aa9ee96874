import { isMembers, type Members } from '../components/check/members.js';
import { hasLookup, soleLookup } from '../lookups/parse-lookup.js';

/** What a provider says of Keycloak, by the names of the adapter's JSON, wherever it stands. */
export interface KeycloakFields {
  /** `config` as it was read; null without one, a text that says why it cannot be read. */
  readonly config: Members | string | null;
  /** What stands beside `config`. */
  readonly beside: Members;
  /** `credential.*` beside it. */
  readonly credentials: Members;
  /** Names of the provider's members that all this was read from. */
  readonly read: readonly string[];
}

/** Names beside `config` → those of the adapter's JSON. */
const BESIDE: Readonly<Record<string, string>> = {
  authServerUrl: 'auth-server-url',
  realm: 'realm',
  resource: 'resource',
};
export const NAMES = Object.values(BESIDE);

/** Null where nothing is Keycloak's, or where `config` is a lookup that is not resolved yet. */
export function keycloakFieldsOf(provider: Members): KeycloakFields | null {
  const config = configOf(provider['config']);
  if (config === 'unresolved') return null;
  if (config === null && !Object.keys(BESIDE).some((name) => isGiven(provider[name]))) return null;
  const beside: Members = {};
  const credentials: [string, unknown][] = [];
  const read = config === null ? [] : ['config'];
  for (const name of Object.keys(provider)) {
    const value = provider[name];
    const adapterName = Object.hasOwn(BESIDE, name) ? BESIDE[name] : undefined;
    const said = adapterName === undefined ? credentialsIn(name, value) : [];
    if (said === null) continue;
    read.push(name);
    credentials.push(...said);
    if (adapterName !== undefined && isGiven(value)) beside[adapterName] = value;
  }
  return { config, beside, credentials: Object.fromEntries(credentials), read };
}

function configOf(value: unknown): Members | string | null {
  if (typeof value !== 'string') return isMembers(value) && isAdapter(value) ? value : null;
  if (soleLookup(value) !== null) return 'unresolved';
  try {
    const parsed: unknown = JSON.parse(value);
    return isMembers(parsed) && isAdapter(parsed) ? parsed : null;
  } catch {
    if (!/^\s*\{[^]*"(?:realm|auth-server-url|resource)"\s*:/.test(value)) return null;
    return hasLookup(value) ? 'unresolved' : 'config is no JSON';
  }
}

const isAdapter = (config: Members): boolean => NAMES.some((name) => isGiven(config[name]));

/** Nested, with dots in its names, or a text alone. Null for a member that is none. */
function credentialsIn(name: string, value: unknown): [string, unknown][] | null {
  const dotted = /^credentials?\.(.+)$/s.exec(name)?.[1];
  if (dotted !== undefined) return [[dotted, value]];
  if (!/^credentials?$/.test(name)) return null;
  if (isMembers(value)) return Object.entries(value);
  return typeof value === 'string' ? [['secret', value]] : null;
}

export const isGiven = (value: unknown): boolean => value !== null && value !== undefined && value !== '';

/** Text of a plain value; null for any other. */
export function plainText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
