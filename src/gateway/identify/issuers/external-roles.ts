import { sourcePath, valueAt, type Step } from '../claims/claim-path.js';
import { roleNames } from '../claims/role-names.js';
import type { Claims } from '../tokens/checked-token.js';

/** The roles that a token's claims name. */
export type ExternalRoles = (claims: Claims) => readonly string[];

/** Where a Keycloak has the roles of a realm; its issuers end so. */
const KEYCLOAK = /\/realms\/[^/]+$/;
/** Their values are texts with spaces (RFC 6749, 3.3). */
const SCOPES: ReadonlySet<unknown> = new Set(['scope', 'scp']);

/** @param path over the token's claims, `access.` before it or not; empty: the claim `roles`, of a Keycloak those of its realm */
export function externalRolesOf(
  path: string,
  issuer: string,
): { readonly rolesOf: ExternalRoles; readonly fault: string | null } {
  const { steps, fault } = sourcePath(path === '' ? usualPath(issuer) : path);
  if (steps === null) return { rolesOf: () => [], fault: `${path} ${fault}` };
  return { rolesOf: (claims) => rolesAt(claims, steps), fault: null };
}

function usualPath(issuer: string): string {
  return KEYCLOAK.test(issuer) ? 'realm_access.roles' : 'roles';
}

function rolesAt(claims: Claims, steps: readonly Step[]): readonly string[] {
  const value = valueAt(claims, steps) ?? valueAt({ access: claims }, steps);
  const isScope = typeof value === 'string' && SCOPES.has(steps.at(-1));
  return roleNames(isScope ? value.split(' ') : value);
}
