const REALM = /^(.*)\/realms\/([^/]+)$/;

/** A Keycloak is known by an issuer that ends in `/realms/{name}`: the base of that realm's admin REST API. Null: it is none. */
export function keycloakAdminUrl(issuer: string): string | null {
  const [, server, realm] = REALM.exec(issuer) ?? [];
  return server === undefined ? null : `${server}/admin/realms/${realm}`;
}
