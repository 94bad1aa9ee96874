/** All that is known of a way to encrypt the content key is one row (RFC 7518, 4.1; RFC 8037, 3.2). */
export interface EncryptionAlgorithm {
  readonly name: string;
  readonly keyType: 'secret' | 'rsa' | 'ecdh';
  /** Exact length of a secret; null where it is the method's (`dir`) or the key is no secret. */
  readonly bytes: number | null;
}

const row = (
  name: string,
  keyType: EncryptionAlgorithm['keyType'],
  bytes: number | null = null,
): readonly [string, EncryptionAlgorithm] => [name, { name, keyType, bytes }];

export const ENCRYPTION_ALGORITHMS: ReadonlyMap<string, EncryptionAlgorithm> = new Map([
  row('A128KW', 'secret', 16),
  row('A192KW', 'secret', 24),
  row('A256KW', 'secret', 32),
  row('A128GCMKW', 'secret', 16),
  row('A192GCMKW', 'secret', 24),
  row('A256GCMKW', 'secret', 32),
  row('dir', 'secret'),
  row('RSA-OAEP', 'rsa'),
  row('RSA-OAEP-256', 'rsa'),
  row('RSA-OAEP-384', 'rsa'),
  row('RSA-OAEP-512', 'rsa'),
  row('ECDH-ES', 'ecdh'),
  row('ECDH-ES+A128KW', 'ecdh'),
  row('ECDH-ES+A192KW', 'ecdh'),
  row('ECDH-ES+A256KW', 'ecdh'),
]);
export const DEFAULT_ENCRYPTION_ALGORITHM = 'A256KW';

/** Methods for the content, with the bytes of their keys (RFC 7518, 5.1). */
export const ENCRYPTION_METHODS: ReadonlyMap<string, number> = new Map([
  ['A128GCM', 16],
  ['A192GCM', 24],
  ['A256GCM', 32],
  ['A128CBC-HS256', 32],
  ['A192CBC-HS384', 48],
  ['A256CBC-HS512', 64],
]);
export const DEFAULT_ENCRYPTION_METHOD = 'A256GCM';

/** `encryptionKeyAlgorithm`: what Java calls the keys, and the types of ours that it fits. */
export const JAVA_KEY_TYPES: ReadonlyMap<string, EncryptionAlgorithm['keyType']> = new Map([
  ['aes', 'secret'],
  ['rsa', 'rsa'],
  ['ec', 'ecdh'],
  ['xdh', 'ecdh'],
  ['x25519', 'ecdh'],
]);

/** What others can do, or could, and neither jose nor Node: named in messages, so that nobody looks for a misspelling. */
export const UNSUPPORTED: ReadonlySet<string> = new Set([
  ...['none', 'ES256K', 'Ed448', 'RSA1_5', 'XC20P', 'A128CBC+HS256', 'A256CBC+HS512'],
  ...['ECDH-1PU', 'ECDH-1PU+A128KW', 'ECDH-1PU+A192KW', 'ECDH-1PU+A256KW', 'X448'],
  ...['PBES2-HS256+A128KW', 'PBES2-HS384+A192KW', 'PBES2-HS512+A256KW'],
]);
