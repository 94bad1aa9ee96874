import type { TokenRecord } from '../../../contracts/records.js';
import type { Claims } from './checked-token.js';
import { derivedKeys } from './derived-keys.js';
import { packedTokens, unpackedTokens } from './packed-tokens.js';
import { opened, sealed } from './sealed-text.js';

/** The authentication server's tokens, as a gateway token carries them (spec/identity.md, `verifiable`). */
export interface CarriedTokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
}

/** Claims that the gateway itself puts into a token; no claim of a record sets one of these. */
export const CARRIED_CLAIM = 'provider_tokens';
/** Digest of the login's refresh token: by it a logout ends the login. */
export const LOGIN_CLAIM = 'login';
/** Seconds since the epoch of the login (OpenID Connect Core, 2). */
export const LOGIN_TIME_CLAIM = 'auth_time';

/** How the tokens of one record carry the authentication server's. */
export interface TokenCarrier {
  claim(tokens: CarriedTokens): unknown;
  /** Null where there are none, or none that can be read. */
  read(claims: Claims): CarriedTokens | null;
}

/** Null where the record has no secret to encrypt with. Inside of an encrypted token nothing is encrypted once more. */
export function tokenCarrierOf(record: TokenRecord): TokenCarrier | null {
  if (record.encryptionSecret !== undefined) return PLAIN;
  const keys = derivedKeys(record, 'provider-tokens');
  return keys.length === 0 ? null : new SealingCarrier(keys);
}

const PLAIN: TokenCarrier = {
  claim: listed,
  read: (claims) => tokensIn(claims[CARRIED_CLAIM]),
};

class SealingCarrier implements TokenCarrier {
  constructor(private readonly keys: readonly Buffer[]) {}

  claim(tokens: CarriedTokens): string {
    return sealed(packedTokens(listed(tokens)), this.keys[0]!);
  }

  read(claims: Claims): CarriedTokens | null {
    const text = claims[CARRIED_CLAIM];
    const list = typeof text === 'string' ? opened(text, this.keys) : null;
    return list === null ? null : tokensIn(unpackedTokens(list));
  }
}

/** Short, since a token has room for 8 KiB. */
function listed({ accessToken, refreshToken, idToken }: CarriedTokens): (string | null)[] {
  return idToken === null ? [accessToken, refreshToken] : [accessToken, refreshToken, idToken];
}

function tokensIn(value: unknown): CarriedTokens | null {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return null;
  const [accessToken, refreshToken, idToken] = value as readonly unknown[];
  return { accessToken: accessToken as string, refreshToken: textOr(refreshToken), idToken: textOr(idToken) };
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
