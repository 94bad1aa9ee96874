import type { TokenRecord } from '../../../contracts/records.js';
import type { CodecFault, Refused } from './checked-token.js';
import {
  DEFAULT_ENCRYPTION_ALGORITHM,
  DEFAULT_ENCRYPTION_METHOD,
  ENCRYPTION_ALGORITHMS,
  ENCRYPTION_METHODS,
  type EncryptionAlgorithm,
  JAVA_KEY_TYPES,
  UNSUPPORTED,
} from './encryption-algorithms.js';
import { EncryptedTokens } from './encrypted-tokens.js';
import { encryptionKey } from './encryption-key.js';
import { keyRing } from './secret-list.js';
import { DEFAULT_SIGNATURE_ALGORITHM, SIGNATURE_ALGORITHMS } from './signature-algorithms.js';
import { signatureKey } from './signature-key.js';
import { SignedTokens } from './signed-tokens.js';

/** One layer of a token: opens what holds a text, and makes it. */
export interface Layer<O> {
  open(token: string): O;
  make(content: string): Promise<string>;
}
export type SignedLayer = Layer<string | Refused>;
export type EncryptedLayer = Layer<string | Refused | Promise<string | Refused>>;

/** The signature that a record asks for; null where there is a fault, or no secret. */
export function signedLayer(record: TokenRecord, faults: CodecFault[]): SignedLayer | null {
  const { signingSecret, signingAlgorithm = DEFAULT_SIGNATURE_ALGORITHM } = record;
  if (signingSecret === undefined) return null;
  const algorithm = SIGNATURE_ALGORITHMS.get(signingAlgorithm);
  if (algorithm === undefined) {
    faults.push(unknown('/signingAlgorithm', signingAlgorithm, [...SIGNATURE_ALGORITHMS.keys()]));
    return null;
  }
  const { name } = algorithm;
  const pointer = '/signingSecret';
  // RFC 9864 calls EdDSA by the name of its curve.
  const algorithms = name === 'EdDSA' ? [name, 'Ed25519'] : [name];
  const ring = keyRing(
    signingSecret,
    { use: 'sig', algorithms, pointer },
    (material, kid) => signatureKey(material, algorithm, kid),
    faults,
  );
  if (ring === null) return null;
  if (ring.first.sign === null) {
    faults.push({
      pointer: typeof signingSecret === 'string' ? pointer : `${pointer}/0/secret`,
      message: 'this is a public key: it verifies, but the first key signs; put a private key first',
    });
    return null;
  }
  return new SignedTokens(name, ring);
}

/** The encryption that a record asks for; null where there is a fault, or no secret. */
export function encryptedLayer(record: TokenRecord, faults: CodecFault[]): EncryptedLayer | null {
  const { encryptionSecret, encryptionAlgorithm = DEFAULT_ENCRYPTION_ALGORITHM } = record;
  const { encryptionMethod = DEFAULT_ENCRYPTION_METHOD } = record;
  if (encryptionSecret === undefined) return null;
  const algorithm = ENCRYPTION_ALGORITHMS.get(encryptionAlgorithm);
  const methodBytes = ENCRYPTION_METHODS.get(encryptionMethod);
  if (algorithm === undefined) {
    faults.push(unknown('/encryptionAlgorithm', encryptionAlgorithm, [...ENCRYPTION_ALGORITHMS.keys()]));
  }
  if (methodBytes === undefined) {
    faults.push(unknown('/encryptionMethod', encryptionMethod, [...ENCRYPTION_METHODS.keys()]));
  }
  if (algorithm === undefined || methodBytes === undefined) return null;
  const misfit = keyTypeFault(record.encryptionKeyAlgorithm, algorithm);
  if (misfit !== null) faults.push(misfit);
  const algorithms = algorithm.name === 'dir' ? ['dir', encryptionMethod] : [algorithm.name];
  const ring = keyRing(
    encryptionSecret,
    { use: 'enc', algorithms, pointer: '/encryptionSecret' },
    (material, kid) => encryptionKey(material, algorithm, { methodBytes, kid }),
    faults,
  );
  if (ring === null || misfit !== null) return null;
  return new EncryptedTokens(algorithm.name, encryptionMethod, ring, record.signingSecret !== undefined);
}

/** The default AES is that of secrets; where it was not written, it says nothing against other keys. */
function keyTypeFault(keyAlgorithm: string | undefined, algorithm: EncryptionAlgorithm): CodecFault | null {
  if (keyAlgorithm === undefined || JAVA_KEY_TYPES.get(keyAlgorithm.toLowerCase()) === algorithm.keyType) return null;
  const expected = [...JAVA_KEY_TYPES].flatMap(([name, type]) =>
    type === algorithm.keyType ? [name.toUpperCase()] : [],
  );
  return { pointer: '/encryptionKeyAlgorithm', message: `${algorithm.name} takes keys of ${expected.join(' or ')}` };
}

/** A name that nobody knows is not repeated: it may be a secret in the wrong field. */
function unknown(pointer: string, name: string, known: readonly string[]): CodecFault {
  const what = UNSUPPORTED.has(name) ? `${name} is not supported` : 'no such algorithm';
  return { pointer, message: `${what}; it may be ${known.join(', ')}` };
}
