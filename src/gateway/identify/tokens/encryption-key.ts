import type { KeyObject } from 'node:crypto';
import type { EncryptionAlgorithm } from './encryption-algorithms.js';
import { type KeyMaterial, type KeyProblem, problem } from './key-material.js';
import type { NamedKey } from './key-ring.js';

export interface EncryptionKey extends NamedKey {
  readonly decrypting: Uint8Array | KeyObject;
  readonly encrypting: Uint8Array | KeyObject;
}

const MIN_RSA_BITS = 2048;
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/**
 * Makes the key that the algorithm needs of what a record gave, or says why it does not fit.
 * @param methodBytes the length of the method's own key, which `dir` is
 */
export function encryptionKey(
  material: KeyMaterial,
  algorithm: EncryptionAlgorithm,
  { methodBytes, kid }: { readonly methodBytes: number; readonly kid: string | null },
): EncryptionKey | KeyProblem {
  const { name, keyType } = algorithm;
  if (keyType === 'secret') {
    if (material.kind === 'pair') return problem(`${name} needs a secret, not a key pair or public key`);
    const bytes = algorithm.bytes ?? methodBytes;
    if (material.bytes.length !== bytes)
      return problem(`the secret has a wrong length: here ${name} needs ${bytes} bytes`);
    return { kid, decrypting: material.bytes, encrypting: material.bytes };
  }
  if (material.kind === 'secret') return problem(`${name} needs ${KEY_NAMES[keyType]} as PEM or JWK`);
  const { privateKey, publicKey } = material;
  if (privateKey === null) return problem('this is a public key: nothing can be decrypted with it');
  if (!FITS[keyType](publicKey)) return problem(`${name} needs ${KEY_NAMES[keyType]}, this is another one`);
  return { kid, decrypting: privateKey, encrypting: publicKey };
}

const KEY_NAMES = {
  rsa: `an RSA key of at least ${MIN_RSA_BITS} bits`,
  ecdh: 'a P-256, P-384, P-521 or X25519 key',
} as const;

const FITS = {
  rsa: (key: KeyObject) =>
    key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS,
  ecdh: (key: KeyObject) =>
    key.asymmetricKeyType === 'x25519' ||
    (key.asymmetricKeyType === 'ec' && CURVES.includes(key.asymmetricKeyDetails?.namedCurve ?? '')),
} as const;
