import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { parsedObject } from './json-object.js';

export type KeyMaterial =
  | { readonly kind: 'secret'; readonly bytes: Buffer }
  /** A public key alone verifies, and can make nothing. */
  | { readonly kind: 'pair'; readonly privateKey: KeyObject | null; readonly publicKey: KeyObject };
/** Says what is wrong with a secret, never what stands in it. */
export interface KeyProblem {
  readonly kind: 'problem';
  readonly message: string;
}
export interface KeyPurpose {
  readonly use: 'sig' | 'enc';
  /** What a JWK may name as its `alg`. */
  readonly algorithms: readonly string[];
}

export const problem = (message: string): KeyProblem => ({ kind: 'problem', message });

const BASE64 = 'base64:';
const BASE64_TEXT = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/;

/** Reads a secret as records write it: text, `base64:…`, PEM or JWK (spec/identity.md). */
export function keyMaterial(secret: string, purpose: KeyPurpose): KeyMaterial | KeyProblem {
  if (secret.startsWith(BASE64)) return bytesOf(secret.slice(BASE64.length).trim());
  const text = secret.trim();
  if (text.startsWith('-----BEGIN ')) return pemKey(text);
  // Text may begin with a brace and still be a password.
  const jwk = text.startsWith('{') ? parsedObject(text) : null;
  if (jwk !== null && typeof jwk['kty'] === 'string') return jwkKey(jwk, purpose);
  return { kind: 'secret', bytes: Buffer.from(secret, 'utf8') };
}

function bytesOf(text: string): KeyMaterial | KeyProblem {
  // Node drops what it cannot read, so half a key would pass as a whole one.
  const digits = text.replace(/=+$/, '');
  if (!BASE64_TEXT.test(text) || digits.length % 4 === 1) return problem('what follows base64: is no base64');
  return { kind: 'secret', bytes: Buffer.from(digits, 'base64') };
}

function pemKey(pem: string): KeyMaterial | KeyProblem {
  if (pem.startsWith('-----BEGIN ENCRYPTED'))
    return problem('the PEM key is encrypted; give it as PKCS#8 in the clear');
  if (pem.startsWith('-----BEGIN CERTIFICATE'))
    return problem('a certificate is no key; give the PEM of its public key');
  try {
    return pem.slice(0, 40).includes('PUBLIC KEY') ? publicOnly(createPublicKey(pem)) : pairOf(createPrivateKey(pem));
  } catch {
    return problem('the PEM key cannot be read; it should be PKCS#8 (BEGIN PRIVATE KEY) or a BEGIN PUBLIC KEY');
  }
}

function jwkKey(jwk: Readonly<Record<string, unknown>>, purpose: KeyPurpose): KeyMaterial | KeyProblem {
  const { use, alg, k } = jwk;
  if (use !== undefined && use !== purpose.use)
    return problem(`the JWK is not for this; its use should be ${purpose.use}`);
  if (alg !== undefined && !(typeof alg === 'string' && purpose.algorithms.includes(alg))) {
    return problem(`the JWK is for another algorithm; its alg should be ${purpose.algorithms[0]}`);
  }
  if (jwk['kty'] === 'oct') {
    if (typeof k !== 'string' || !/^[\w-]+$/.test(k)) return problem('the JWK has no k in base64url');
    return { kind: 'secret', bytes: Buffer.from(k, 'base64url') };
  }
  try {
    const key = jwk as JsonWebKey;
    return jwk['d'] === undefined
      ? publicOnly(createPublicKey({ key, format: 'jwk' }))
      : pairOf(createPrivateKey({ key, format: 'jwk' }));
  } catch {
    return problem('the JWK cannot be read');
  }
}

const publicOnly = (publicKey: KeyObject): KeyMaterial => ({ kind: 'pair', privateKey: null, publicKey });
const pairOf = (privateKey: KeyObject): KeyMaterial => ({
  ...{ kind: 'pair', privateKey, publicKey: createPublicKey(privateKey) },
});
