import { createHmac, type KeyObject, type webcrypto } from 'node:crypto';
import type { KeyDeriver } from '../../secrets/secret-box.js';

export interface SigningKey {
  /** Names the key in the header of a token, and tells nothing of it. */
  readonly kid: string;
  readonly key: KeyObject;
  /** The same as jose takes it: of a KeyObject it would make one for each token. */
  readonly webKey: webcrypto.CryptoKey;
  readonly algorithm: 'HS256' | 'HS384' | 'HS512';
}

/** Keys of one type's access tokens: the first signs, all verify. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

/** RFC 7518, 3.2: a key has at least the length of the hash. */
export function signingKeyOf(key: KeyObject): SigningKey {
  const bytes = key.symmetricKeySize ?? 0;
  const algorithm = bytes >= 64 ? 'HS512' : bytes >= 48 ? 'HS384' : 'HS256';
  const kid = createHmac('sha256', key).update('sluice identity kid 1').digest('base64url').slice(0, 16);
  const hash = `SHA-${algorithm.slice(2)}`;
  const webKey = key.toCryptoKey({ name: 'HMAC', hash }, false, ['sign', 'verify']);
  return { kid, key, webKey, algorithm };
}

/** Keys of a type where its system names none: of secrets.key, and of the one before while keys change. */
export function derivedSigningKeys(box: KeyDeriver, type: string): SigningKeys {
  const [first, ...others] = box.derivedKeys(`identity ${type}`);
  return [signingKeyOf(first), ...others.map(signingKeyOf)];
}
