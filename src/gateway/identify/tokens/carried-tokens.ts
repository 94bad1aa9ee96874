import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { TokenRecord } from '../../../contracts/records.js';
import type { Claims } from './checked-token.js';
import { derivedKeys } from './derived-keys.js';

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

const IV_BYTES = 12;
const TAG_BYTES = 16;

class SealingCarrier implements TokenCarrier {
  constructor(private readonly keys: readonly Buffer[]) {}

  claim(tokens: CarriedTokens): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keys[0]!, iv);
    const sealed = [iv, cipher.update(JSON.stringify(listed(tokens)), 'utf8'), cipher.final()];
    return Buffer.concat([...sealed, cipher.getAuthTag()]).toString('base64url');
  }

  read(claims: Claims): CarriedTokens | null {
    const sealed = claims[CARRIED_CLAIM];
    if (typeof sealed !== 'string') return null;
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length <= IV_BYTES + TAG_BYTES) return null;
    for (const key of this.keys) {
      const text = opened(bytes, key);
      if (text !== null) return tokensIn(JSON.parse(text));
    }
    return null;
  }
}

function opened(bytes: Buffer, key: Buffer): string | null {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8');
  try {
    return text + decipher.final('utf8');
  } catch {
    // Another key of the record may have sealed it.
    return null;
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
