import { isJsonObject, type JsonObject } from './json-members.js';
import type { ProviderAnswer, ProviderTokens } from './provider-answer.js';

/** What claims are read from: the payload with `user`, `token` and `access` filled in (spec/identity.md, "Provider"). */
export function claimSource({
  payload,
  user,
  tokens,
  access,
}: Pick<ProviderAnswer, 'payload' | 'user' | 'tokens' | 'access'>): JsonObject {
  const source: JsonObject = { ...payload };
  if (user !== null) source.user = user;
  if (tokens !== null) source.token = { ...wireNames(tokens), ...(isJsonObject(payload.token) ? payload.token : null) };
  if (access !== null) source.access = access;
  return source;
}

function wireNames(tokens: ProviderTokens): JsonObject {
  return {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    id_token: tokens.idToken,
    expires_in: tokens.expiresInSeconds,
    refresh_expires_in: tokens.refreshExpiresInSeconds,
  };
}
