import { errors, jwtVerify, SignJWT } from 'jose';
import type { AccessClaims, IdentityUser } from '../../contracts/identities.js';
import { expiredToken, invalidToken } from '../identity-faults.js';
import { emailMember } from '../users/user-email.js';
import type { SigningKey, SigningKeys } from './signing-keys.js';

/** A longer one is no token of ours. */
const MOST_CHARACTERS = 8192;

export interface TokenRules {
  readonly keys: SigningKeys;
  readonly issuer: string;
}

/** Claims of an access token, with those that tell of the user as it was. */
export interface IssuedClaims extends AccessClaims {
  readonly roles: readonly string[];
  readonly [claim: string]: unknown;
}

/** An access token (JWS). Whether its login still holds, the database knows. */
export async function signAccess(
  { keys: [key], issuer }: TokenRules,
  user: IdentityUser,
  login: { readonly id: string; readonly seconds: number; readonly nowMs: number },
): Promise<string> {
  return signed(key, issuer, login, { ...shownClaims(user), sid: login.id, roles: user.roles });
}

/** An ID token: who logged in, for whoever the answer goes to. */
export async function signId(
  { keys: [key], issuer }: TokenRules,
  user: IdentityUser,
  login: { readonly seconds: number; readonly nowMs: number },
): Promise<string> {
  const claims = { ...shownClaims(user), roles: user.roles, preferred_username: user.username, typ: 'ID' };
  return signed(key, issuer, login, claims);
}

/** @throws IdentityFault 10124 where it has expired, 10125 for all else that is wrong with it */
export async function readAccess(token: string, type: string, { keys, issuer }: TokenRules): Promise<IssuedClaims> {
  if (token.length > MOST_CHARACTERS) throw invalidToken();
  try {
    const { payload } = await jwtVerify<IssuedClaims>(token, ({ kid }) => keyNamed(keys, kid).webKey, {
      ...{ algorithms: [...new Set(keys.map(({ algorithm }) => algorithm))], issuer, typ: 'JWT' },
      requiredClaims: ['sub', 'sid', 'type', 'exp'],
    });
    if (
      payload.type !== type ||
      typeof payload.sub !== 'string' ||
      typeof payload.sid !== 'string' ||
      payload['typ'] === 'ID'
    )
      throw invalidToken();
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw expiredToken();
    throw invalidToken();
  }
}

function keyNamed(keys: SigningKeys, kid: string | undefined): SigningKey {
  const found = keys.find((key) => key.kid === kid);
  if (found === undefined) throw invalidToken();
  return found;
}

function shownClaims(user: IdentityUser): Record<string, unknown> {
  return { sub: user.id, type: user.type, ...emailMember(user) };
}

async function signed(
  { webKey, kid, algorithm }: SigningKey,
  issuer: string,
  { seconds, nowMs }: { readonly seconds: number; readonly nowMs: number },
  claims: Record<string, unknown>,
): Promise<string> {
  const issuedAt = Math.floor(nowMs / 1000);
  return new SignJWT({ iss: issuer, ...claims, iat: issuedAt, exp: issuedAt + seconds })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid })
    .sign(webKey);
}
