import { constants } from 'node:crypto';

/** All that is known of an algorithm is one row (RFC 7518, 3.1; RFC 8037, 3.1). */
export type SignatureAlgorithm = HmacAlgorithm | PairAlgorithm;

export interface HmacAlgorithm {
  readonly kind: 'hmac';
  readonly name: string;
  readonly hash: string;
  /** Of the hash: the length of a signature and the least of a key (RFC 7518, 3.2). */
  readonly bytes: number;
}
export interface PairAlgorithm {
  readonly kind: 'pair';
  readonly name: string;
  /** Null: the algorithm has a hash of its own. */
  readonly hash: string | null;
  readonly keyType: 'rsa' | 'ec' | 'ed25519';
  /** What OpenSSL calls the curve; null where there is no choice. */
  readonly curve: string | null;
  /** In words, for messages. */
  readonly keyName: string;
  /** Of a signature; null where it is the key's. */
  readonly signatureBytes: number | null;
  readonly options: Readonly<{ padding?: number; saltLength?: number; dsaEncoding?: 'ieee-p1363' }>;
}

const PKCS1 = { padding: constants.RSA_PKCS1_PADDING };
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

const hmac = (name: string, hash: string, bytes: number): HmacAlgorithm => ({ kind: 'hmac', name, hash, bytes });
const rsa = (name: string, hash: string, options: PairAlgorithm['options']): PairAlgorithm => ({
  ...{ kind: 'pair', name, hash, options, keyType: 'rsa', curve: null, keyName: 'RSA key', signatureBytes: null },
});
const ec = (name: string, hash: string, curve: readonly [string, string, number]): PairAlgorithm => ({
  ...{ kind: 'pair', name, hash, keyType: 'ec', curve: curve[0], keyName: `${curve[1]} key` },
  signatureBytes: curve[2],
  options: { dsaEncoding: 'ieee-p1363' },
});

const ROWS: readonly SignatureAlgorithm[] = [
  hmac('HS256', 'sha256', 32),
  hmac('HS384', 'sha384', 48),
  hmac('HS512', 'sha512', 64),
  rsa('RS256', 'sha256', PKCS1),
  rsa('RS384', 'sha384', PKCS1),
  rsa('RS512', 'sha512', PKCS1),
  rsa('PS256', 'sha256', PSS),
  rsa('PS384', 'sha384', PSS),
  rsa('PS512', 'sha512', PSS),
  ec('ES256', 'sha256', ['prime256v1', 'P-256', 64]),
  ec('ES384', 'sha384', ['secp384r1', 'P-384', 96]),
  ec('ES512', 'sha512', ['secp521r1', 'P-521', 132]),
  {
    ...{ kind: 'pair', name: 'EdDSA', hash: null, keyType: 'ed25519', curve: null, keyName: 'Ed25519 key' },
    ...{ signatureBytes: 64, options: {} },
  },
];
export const SIGNATURE_ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  ROWS.map((row) => [row.name, row]),
);
export const DEFAULT_SIGNATURE_ALGORITHM = 'HS512';
