import { SignJWT } from 'jose';
import { createHmac, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';

type Members = Readonly<Record<string, unknown>>;

export interface KeySetup {
  readonly kid?: string | null;
  readonly rsaBits?: number;
  /** Over what the key's JWK says. */
  readonly jwk?: Members;
}

/** A key pair of an issuer, and the tokens that it signs: by jose, which knows nothing of us. */
export interface IssuerKey {
  readonly algorithm: string;
  readonly kid: string | null;
  /** As it stands in the key set. */
  readonly jwk: JsonWebKey & Members;
  readonly publicPem: string;
  readonly privateKey: KeyObject;
  /** @param header over `{alg, typ, kid}`; a member that is undefined is left out */
  sign(claims: Members, header?: Members): Promise<string>;
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

function pairOf(algorithm: string, rsaBits: number): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  const namedCurve = CURVES[algorithm];
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve });
  return algorithm === 'EdDSA'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('rsa', { modulusLength: rsaBits });
}

let serial = 0;

export function anIssuerKey(algorithm = 'ES256', setup: KeySetup = {}): IssuerKey {
  const { kid = `key-${++serial}`, rsaBits = 2048, jwk = {} } = setup;
  const { publicKey, privateKey } = pairOf(algorithm, rsaBits);
  const named = kid === null ? {} : { kid };
  return {
    algorithm,
    kid,
    jwk: { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: algorithm, ...named, ...jwk },
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    privateKey,
    sign: (claims, header = {}) => {
      const full = { alg: algorithm, typ: 'JWT', ...named, ...header };
      return new SignJWT(claims).setProtectedHeader(full).sign(privateKey);
    },
  };
}

const segment = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token whose signature is the HMAC of whatever one likes: a public key, for one. */
export function hmacToken(header: Members, claims: Members, secret: string): string {
  const text = `${segment(header)}.${segment(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

export const unsigned = (header: unknown, claims: unknown): string => `${segment(header)}.${segment(claims)}.`;

/** The other signature of ECDSA that is as good: (r, n - s). Of a token of P-256. */
export function twinOf(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const dot = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  const s = (order - BigInt(`0x${signature.toString('hex', 32)}`)).toString(16).padStart(64, '0');
  return `${token.slice(0, dot + 1)}${Buffer.concat([signature.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url')}`;
}
