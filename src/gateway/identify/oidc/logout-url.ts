import type { AuthorizationServer } from 'oauth4webapi';
import type { OidcRules } from './oidc-rules.js';

/** Where a page may send its browser, to end the provider's own session in it (OpenID Connect RP-Initiated Logout 1.0, 2). */
export function logoutUrl(
  { end_session_endpoint: endpoint }: AuthorizationServer,
  { clientId }: OidcRules,
  idToken: string | null,
): string | null {
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint) || idToken === null) return null;
  const url = new URL(endpoint);
  if (!/^https?:$/.test(url.protocol)) return null;
  url.searchParams.set('id_token_hint', idToken);
  url.searchParams.set('client_id', clientId);
  return url.href;
}
