import type { TokenEndpointResponse } from 'oauth4webapi';
import type { JsonObject } from '../provider/json-members.js';
import type { ProviderTokens } from '../provider/provider-answer.js';
import type { ProviderOutcome } from '../provider/provider-client.js';
import type { OidcRules } from './oidc-rules.js';
import { oidcUser, type UserClaims } from './oidc-user.js';

/** The tokens of a token endpoint. A refresh token that ends with its session, or never, has no time of its own. */
export function tokensOf(given: TokenEndpointResponse): ProviderTokens {
  const { refresh_expires_in: refreshLife } = given as { readonly refresh_expires_in?: unknown };
  return {
    accessToken: given.access_token,
    refreshToken: given.refresh_token ?? null,
    idToken: given.id_token ?? null,
    expiresInSeconds: given.expires_in ?? null,
    refreshExpiresInSeconds: typeof refreshLife === 'number' && refreshLife > 0 ? refreshLife : null,
  };
}

/** The answer about a user: the client sees the user alone, none of the provider's tokens. */
export function userAnswer(rules: OidcRules, claims: UserClaims, tokens: ProviderTokens | null): ProviderOutcome {
  const user = oidcUser(claims, rules.rolesPath);
  return answered(user === null ? {} : { user }, user, tokens, claims.access);
}

export function answered(
  payload: JsonObject,
  user: JsonObject | null,
  tokens: ProviderTokens | null,
  access: JsonObject | null,
): ProviderOutcome {
  const answer = { payload, payloadText: JSON.stringify(payload), requestMeta: {}, tokens, user, access };
  return { kind: 'answered', answer };
}
