import type { IdentityKey, IdentityUser } from '../../contracts/identities.js';
import type { JsonObject } from '../../contracts/json.js';
import type { IssuedLogin } from '../identity-server.js';
import { emailMember } from '../users/user-email.js';

/** What a gateway learns of a user: `payload.user`. */
export function userAnswer(user: IdentityUser): JsonObject {
  const { id, username, roles, profile } = user;
  return { id, username, roles, profile, ...emailMember(user) };
}

/** Tokens as a provider answers them (spec/identity.md, "Provider"). */
export function tokensAnswer(login: IssuedLogin): JsonObject {
  return {
    access_token: login.accessToken,
    refresh_token: login.refreshToken,
    ...(login.idToken !== null && { id_token: login.idToken }),
    ...{ token_type: 'Bearer', expires_in: login.expiresInSeconds, refresh_expires_in: login.refreshExpiresInSeconds },
  };
}

/** A user as administration sees it: `{id, data: {profile, credential, access {roles}}}`. Nothing secret is in it. */
export function userRecord(user: IdentityUser): JsonObject {
  const { id, type, username, profile, roles, disabled, hasOtp, version, createdAt, updatedAt } = user;
  return {
    ...{ id, type, version },
    data: { profile, credential: { username, otpEnabled: hasOtp }, access: { roles }, disabled, createdAt, updatedAt },
  };
}

export function keyRecord({ id, user, name, roles, expires, createdAt }: IdentityKey): JsonObject {
  return { id, user, name, roles, expires, createdAt };
}
