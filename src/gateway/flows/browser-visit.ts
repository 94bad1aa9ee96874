import type { Exchange } from '../exchange.js';
import type { OidcProvider } from '../identify/provider/provider-rules.js';
import type { TokenKind } from '../identify/token-kind.js';
import type { BrowserPath } from './flow-path.js';

/** One request of a browser: what it may do, and where. */
export interface Visit {
  readonly exchange: Exchange;
  readonly path: BrowserPath;
  readonly kind: TokenKind;
  readonly provider: OidcProvider;
  readonly publicUrl: string;
  readonly query: URLSearchParams;
  /** Attributes of the cookies of logins. */
  readonly cookieRules: string;
  /** Token record, channel and type: a login that was begun elsewhere is none here. */
  readonly place: string;
}

/** Why browsers cannot log in here, for the log; null: they can. */
export function whyOff({ provider, loginKeys }: TokenKind, publicUrl: string | null): string | null {
  if (provider?.kind !== 'oidc') return "the token record's provider is not of type oidc";
  if (provider.oidc.redirectUris.length === 0) return "the token record's provider has no redirectUris";
  if (loginKeys.length === 0) return 'the token record has no secret';
  return publicUrl === null ? 'server.publicUrl is not set' : null;
}

/** Null where the record does not list what was asked for; the first where nothing was. */
export function redirectUriOf(query: URLSearchParams, { oidc }: OidcProvider): string | null {
  const [given = oidc.redirectUris[0]!, ...others] = query.getAll('redirect_uri');
  return others.length === 0 && oidc.redirectUris.includes(given) ? given : null;
}

/** As the provider knows it. */
export function callbackUrl({ publicUrl, path }: Visit): string {
  const segments = [path.channel.id, ...(path.type === null ? [] : [path.type])].map(encodeURIComponent);
  return `${publicUrl}/api/auth/callback/${segments.join('/')}`;
}
