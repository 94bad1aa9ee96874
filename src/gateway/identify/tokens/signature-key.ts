import * as crypto from 'node:crypto';
import { promisify } from 'node:util';
import { type KeyMaterial, type KeyProblem, problem } from './key-material.js';
import { OneShotHmac } from './hmac.js';
import type { NamedKey } from './key-ring.js';
import type { HmacAlgorithm, PairAlgorithm, SignatureAlgorithm } from './signature-algorithms.js';

export interface SignatureKey extends NamedKey {
  /** Whether this is our signature, in canonical base64url, of the text. Never throws. */
  verify(text: string, signature: string): boolean;
  /** Null for a public key. */
  readonly sign: ((text: string) => Promise<string>) | null;
}

const MIN_RSA_BITS = 2048;
/** With a callback, so that an RSA signature (a millisecond) is made on another thread. */
const signApart = promisify(crypto.sign);

/** Makes the key that the algorithm needs of what a record gave, or says why it does not fit. */
export function signatureKey(
  material: KeyMaterial,
  algorithm: SignatureAlgorithm,
  kid: string | null,
): SignatureKey | KeyProblem {
  if (algorithm.kind === 'hmac') {
    if (material.kind === 'pair') return problem(`${algorithm.name} needs a secret, not a key pair or public key`);
    if (material.bytes.length < algorithm.bytes) {
      return problem(`the secret is too short: ${algorithm.name} needs at least ${algorithm.bytes} bytes`);
    }
    return hmacKey(material.bytes, algorithm, kid);
  }
  if (material.kind === 'secret') return problem(`${algorithm.name} needs an ${algorithm.keyName} as PEM or JWK`);
  const wrong = misfit(material.publicKey, algorithm);
  return wrong === null ? pairKey(material, algorithm, kid) : problem(wrong);
}

function misfit(key: crypto.KeyObject, algorithm: PairAlgorithm): string | null {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  if (type !== algorithm.keyType || (algorithm.curve !== null && details.namedCurve !== algorithm.curve)) {
    return `${algorithm.name} needs an ${algorithm.keyName}, this is another one`;
  }
  if (type === 'rsa' && (details.modulusLength ?? 0) < MIN_RSA_BITS) {
    return `the key is too short: ${algorithm.name} needs at least ${MIN_RSA_BITS} bits`;
  }
  return null;
}

function hmacKey(secret: Buffer, { hash, bytes }: HmacAlgorithm, kid: string | null): SignatureKey {
  const hmac = new OneShotHmac(hash, bytes, secret);
  const digestOf = (text: string): string => hmac.digest(text);
  // Text against text saves a microsecond of buffers; a check is over before the next one begins, so all share them.
  const length = Math.ceil((bytes * 4) / 3);
  const ours = Buffer.alloc(length);
  const theirs = Buffer.alloc(length);
  return {
    kid,
    verify(text, signature) {
      if (signature.length !== length) return false;
      ours.write(digestOf(text), 'latin1');
      theirs.write(signature, 'latin1');
      return crypto.timingSafeEqual(ours, theirs);
    },
    sign: async (text) => digestOf(text),
  };
}

function pairKey(
  { privateKey, publicKey }: Extract<KeyMaterial, { kind: 'pair' }>,
  { hash, options, signatureBytes }: PairAlgorithm,
  kid: string | null,
): SignatureKey | KeyProblem {
  const verifying = { ...options, key: publicKey };
  const signing = privateKey === null ? null : { ...options, key: privateKey };
  const key: SignatureKey = {
    kid,
    verify(text, signature) {
      const bytes = Buffer.from(signature, 'base64url');
      if (signatureBytes !== null && bytes.length !== signatureBytes) return false;
      try {
        return crypto.verify(hash, Buffer.from(text), verifying, bytes);
      } catch {
        return false;
      }
    },
    sign: signing && (async (text) => (await signApart(hash, Buffer.from(text), signing)).toString('base64url')),
  };
  if (signing === null) return key;
  // A JWK may hold halves of two pairs: better found now than when the first user cannot log in.
  const probe = crypto.sign(hash, Buffer.from('probe'), signing).toString('base64url');
  return key.verify('probe', probe) ? key : problem('the private key and the public key are no pair');
}
