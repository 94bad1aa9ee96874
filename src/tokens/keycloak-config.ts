import { isMembers, type Members } from '../components/check/members.js';
import { hasLookup } from '../lookups/parse-lookup.js';
import { isGiven, keycloakFieldsOf, NAMES, plainText } from './keycloak-fields.js';

/** What the Keycloak fields of a provider say in those of `provider {type: oidc}` (spec/identity.md). */
export interface KeycloakReading {
  /** Our fields; those that nothing was said of are missing. */
  readonly fields: Members;
  /** The members of the provider that were read. */
  readonly read: readonly string[];
  /** Names of the adapter's that say more than our fields. */
  readonly leftOut: readonly string[];
  /** Why it cannot be used; never what stands in it. */
  readonly problem: string | null;
  /** Names that say one thing in `config` and another beside it: what stands beside it counts. */
  readonly twice: readonly string[];
}

const READ = [...NAMES, 'credentials', 'public-client', 'use-resource-role-mappings'];
/** They have nothing to say here: keys are discovered, audiences always checked, TLS is the matter of our listener. */
const IDLE = ['ssl-required', 'confidential-port', 'realm-public-key', 'verify-token-audience'];

/**
 * Reads Keycloak's fields of a provider: `config` (the adapter's JSON, as text or object), authServerUrl, realm, resource,
 * credential.* and idToken. Pure, never throws. Null where it has none, or where `config` is a lookup that is not resolved yet:
 * whoever resolves it calls this again.
 */
export function readKeycloak(provider: Members): KeycloakReading | null {
  const found = keycloakFieldsOf(provider);
  if (found === null) return null;
  const { config, beside, credentials } = found;
  const adapter = isMembers(config) ? config : {};
  const said = { ...adapter, ...beside };
  const secret = secretOf(credentials) ?? secretOf(adapter['credentials']);
  const hasIdToken = isGiven(provider['idToken']);
  return {
    fields: {
      ...(isGiven(provider['issuer']) && problemOf(said) !== null ? {} : issuerOf(said)),
      ...textField('clientId', said['resource']),
      ...textField('clientSecret', secret),
      ...rolesOf(said),
      ...(plainText(provider['idToken']) === 'true' && { scopes: withOpenid(provider['scopes']) }),
    },
    read: [...found.read, ...(hasIdToken ? ['idToken'] : [])],
    leftOut: leftOut(adapter, credentials, said),
    problem: typeof config === 'string' ? config : isGiven(provider['issuer']) ? null : problemOf(said),
    twice: NAMES.filter((name) => isGiven(adapter[name]) && plainText(adapter[name]) !== plainText(said[name])),
  };
}

function leftOut(adapter: Members, credentials: Members, said: Members): string[] {
  const others = (members: unknown, name: string): string[] =>
    Object.entries(isMembers(members) ? members : {})
      .filter(([inner, value]) => inner !== 'secret' && isGiven(value))
      .map(([inner]) => `${name}.${inner}`);
  return [
    ...(takesRolesOfClient(said) && rolesPathOf(said) === null ? ['use-resource-role-mappings'] : []),
    ...Object.keys(adapter).filter((name) => isGiven(adapter[name]) && !READ.includes(name) && !IDLE.includes(name)),
    ...others(adapter['credentials'], 'credentials'),
    ...others(credentials, 'credential'),
  ].filter((name) => /^[A-Za-z][\w.-]{0,59}$/.test(name));
}

const secretOf = (credentials: unknown): unknown =>
  isMembers(credentials) && isGiven(credentials['secret']) ? credentials['secret'] : undefined;

function problemOf(said: Members): string | null {
  const url = said['auth-server-url'];
  if (!isGiven(url) || !isGiven(said['realm'])) return 'it needs the URL of the server and the realm';
  if (typeof url !== 'string' || !(hasLookup(url) || isPlainUrl(url))) {
    return 'the URL of the server is no http or https URL without user, query and fragment';
  }
  return plainText(said['realm']) === null ? 'the realm is no text' : null;
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
}

function issuerOf(said: Members): { readonly issuer?: string } {
  const url = plainText(said['auth-server-url']);
  const realm = plainText(said['realm']);
  if (url === null || realm === null) return {};
  const name = hasLookup(realm) ? realm : encodeURIComponent(realm.toWellFormed());
  return { issuer: `${withoutSlashes(url.trim())}/realms/${name}` };
}

function withoutSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}

const takesRolesOfClient = (said: Members): boolean => plainText(said['use-resource-role-mappings']) === 'true';

/** Without it, roles are the realm's, which is where those of a Keycloak are looked for anyway. */
function rolesOf(said: Members): { readonly rolesPath?: string } {
  const rolesPath = takesRolesOfClient(said) ? rolesPathOf(said) : null;
  return rolesPath === null ? {} : { rolesPath };
}

/** Null for a client whose name a path cannot hold. */
function rolesPathOf(said: Members): string | null {
  const client = plainText(said['resource']) ?? '';
  return /^[\w-]+$/.test(client) ? `resource_access.${client}.roles` : null;
}

/** A server gives an id token only to who asks for this scope. */
function withOpenid(scopes: unknown): unknown {
  if (typeof scopes === 'string') return scopes.split(/[\s,]+/).includes('openid') ? scopes : `openid ${scopes}`.trim();
  const list: readonly unknown[] = Array.isArray(scopes) ? scopes : [];
  return list.includes('openid') ? list : ['openid', ...list];
}

const textField = (name: string, value: unknown): Members => (isGiven(value) ? { [name]: value } : {});
