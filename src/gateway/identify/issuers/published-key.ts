import { createPublicKey, type KeyObject } from 'node:crypto';
import { isObject } from '../tokens/json-object.js';
import { SIGNATURE_ALGORITHMS, type PairAlgorithm } from '../tokens/signature-algorithms.js';
import { signatureKey, type SignatureKey } from '../tokens/signature-key.js';

/** One key of an issuer, by the algorithms that it may be used with. */
export interface PublishedKey {
  readonly kid: string | null;
  readonly byAlgorithm: ReadonlyMap<string, SignatureKey>;
  /** Equal where a key, and what it may be used for, is the same. */
  readonly mark: string;
}

/** Never a secret: whoever knows a published one could sign (RFC 8725, 3.1). */
const PAIRS: readonly PairAlgorithm[] = [...SIGNATURE_ALGORITHMS.values()].filter((row) => row.kind === 'pair');
/** Members that no published key may have: who reads it could sign (RFC 7518, 6.2.2, 6.3.2; RFC 8037, 2). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const KEY_TYPES: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP']);
/** Checks with longer ones take more than a millisecond. */
const MOST_RSA_BITS = 8192;
/**
 * Characters of base64url that its numbers may have: 8192 bits, 64 bits, P-521. Before a key is read at all: Node took 47 s to look at one
 * whose exponent had 190 kB.
 */
const LONGEST_NUMBERS: Readonly<Record<string, number>> = { n: 1368, e: 11, x: 88, y: 88 };
const LONGEST_KID = 512;

/** RFC 9864 calls EdDSA by the name of its curve. Null: not one that counts here. */
export function pairAlgorithm(name: unknown): string | null {
  const known = name === 'Ed25519' ? 'EdDSA' : name;
  return PAIRS.find((row) => row.name === known)?.name ?? null;
}

/** Reads one member of `keys` (RFC 7517, 4); what cannot be used, or is not for signatures, is told in a few words. */
export function publishedKey(jwk: unknown): PublishedKey | string {
  if (!isObject(jwk) || !KEY_TYPES.has(jwk['kty'])) return 'not of type RSA, EC or OKP';
  const { kid = null, use, key_ops: operations, alg } = jwk;
  if (kid !== null && (typeof kid !== 'string' || kid.length > LONGEST_KID)) return 'its kid is no short text';
  if (PRIVATE.some((name) => name in jwk)) return 'it is published with its private part';
  if (use !== undefined && use !== 'sig') return 'not for signatures (use)';
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return 'not for checking signatures (key_ops)';
  if (isOverlong(jwk)) return 'one of its numbers is longer than is used (n 8192 bits, e 64)';
  const own = alg === undefined ? null : pairAlgorithm(alg);
  if (alg !== undefined && own === null) return 'for an algorithm that is not taken (alg)';
  const key = keyOf(jwk);
  if (key === null) return 'it cannot be read';
  const weakness = weaknessOf(key);
  if (weakness !== null) return weakness;
  const byAlgorithm = usesOf(key, kid, own);
  if (byAlgorithm.size === 0) return 'too short, of another curve, or not of the type that its alg needs';
  return { kid, byAlgorithm, mark: markOf(key, kid, byAlgorithm) };
}

function isOverlong(jwk: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(LONGEST_NUMBERS).some(([name, most]) => {
    const number = jwk[name];
    return typeof number === 'string' && number.length > most;
  });
}

function keyOf(jwk: Readonly<Record<string, unknown>>): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}

/** With an exponent of 1 every text is its own signature. */
function weaknessOf({ asymmetricKeyType, asymmetricKeyDetails: details = {} }: KeyObject): string | null {
  if (asymmetricKeyType !== 'rsa') return null;
  const { publicExponent = 0n, modulusLength = 0 } = details;
  if (publicExponent < 3n || publicExponent % 2n === 0n) return 'its exponent is weak';
  return modulusLength > MOST_RSA_BITS ? `longer than ${MOST_RSA_BITS} bits` : null;
}

/** Its own algorithm where it names one, else all that it fits: a key that fits none, or is too short, is no key. */
function usesOf(publicKey: KeyObject, kid: string | null, own: string | null): ReadonlyMap<string, SignatureKey> {
  const uses = new Map<string, SignatureKey>();
  for (const row of PAIRS) {
    if (own !== null && row.name !== own) continue;
    const key = signatureKey({ kind: 'pair', privateKey: null, publicKey }, row, kid);
    if (!('message' in key)) uses.set(row.name, key);
  }
  return uses;
}

function markOf(key: KeyObject, kid: string | null, uses: ReadonlyMap<string, unknown>): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return JSON.stringify([kid, der.toString('base64'), [...uses.keys()]]);
}
