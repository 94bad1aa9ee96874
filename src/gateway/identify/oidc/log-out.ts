import type { AuthorizationServer } from 'oauth4webapi';
import type { ProviderOutcome } from '../provider/provider-client.js';
import type { IssuerSession } from './issuer-session.js';
import { answered } from './oidc-answer.js';
import type { OidcRules } from './oidc-rules.js';

/** Ends the login at the server: the refresh token, and with it its session; where there is none, the access token. */
export async function logOut(
  rules: OidcRules,
  auth: ReadonlyMap<string, string>,
  session: IssuerSession,
): Promise<ProviderOutcome> {
  const [refreshToken, accessToken] = [auth.get('refresh_token'), auth.get('access_token')];
  if (session.canRevoke && refreshToken !== undefined) await session.revoke(refreshToken, 'refresh_token');
  else if (session.canRevoke && accessToken !== undefined) await session.revoke(accessToken, 'access_token');
  const url = logoutUrl(session.server, rules, auth.get('id_token') ?? null);
  return answered(url === null ? {} : { logout_url: url }, null, null, null);
}

/** Where a page may send its browser, to end the provider's own session in it (OpenID Connect RP-Initiated Logout 1.0, 2). */
function logoutUrl(
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
