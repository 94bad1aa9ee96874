import { valueAt, type Step } from '../claims/claim-path.js';
import { roleNames } from '../claims/role-names.js';
import type { JsonObject } from '../provider/json-members.js';

/** What a provider says of a user, by where it says so. */
export interface UserClaims {
  /** Of the access token: its own where it is a JWT, else what introspection says of it. */
  readonly access: JsonObject | null;
  readonly id: JsonObject | null;
  readonly userinfo: JsonObject | null;
}

/** Claims about the token, and where Keycloak keeps roles: they say nothing of the user. */
const ABOUT_TOKEN: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'azp', 'nonce', 'auth_time', 'acr', 'amr', 'at_hash', 'c_hash'],
  ...['s_hash', 'sid', 'typ', 'scope', 'scp', 'client_id', 'token_type', 'active', 'session_state', 'allowed-origins'],
  ...['realm_access', 'resource_access', 'uti', 'rh', 'aio', 'ver', 'cnf', 'events', 'id', 'roles'],
]);

/**
 * The user `{id, roles, …}`: `id` is the subject, `roles` stand at the record's path over the access token's claims with `access`,
 * `id` and `userinfo` filled in; the rest are the claims about the user. Null where nobody is named.
 */
export function oidcUser({ access, id, userinfo }: UserClaims, rolesPath: readonly Step[]): JsonObject | null {
  // RFC 9068, 2.2: a token that no user stands behind names its client.
  const subject = [access?.['sub'], id?.['sub'], userinfo?.['sub'], access?.['client_id'], access?.['azp']].find(
    isName,
  );
  if (subject === undefined) return null;
  const roles = roleNames(valueAt({ ...(access ?? userinfo ?? id), access, id, userinfo }, rolesPath));
  const claims = Object.entries({ ...access, ...id, ...userinfo }).filter(([name]) => !ABOUT_TOKEN.has(name));
  return { id: subject, roles, ...Object.fromEntries(claims) };
}

/** Whether a token is meant for this client: `aud` names it, or `azp` where there is no `aud` at all. */
export function isMeantFor(clientId: string, claims: JsonObject): boolean {
  const { aud } = claims;
  if (aud !== undefined && aud !== null) return Array.isArray(aud) ? aud.includes(clientId) : aud === clientId;
  // Introspection calls it client_id (RFC 7662, 2.2).
  return (claims['azp'] ?? claims['client_id']) === clientId;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
