import type { Derivation } from './derivation.js';

/** What a hash from elsewhere may cost: some seconds of a core. */
const MOST_ITERATIONS = 10_000_000;
const MOST_KEY_BYTES = 512;
const FORM = /^\$pbkdf2-sha256\$i=(\d{1,8})\$([A-Za-z0-9+/]{1,171})\$([A-Za-z0-9+/]{16,684})$/;

/** A password of the original: PBKDF2WithHmacSHA256. The key's length is that of the key. */
export interface Pbkdf2Hash {
  readonly kind: 'pbkdf2';
  readonly iterations: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** Reads `$pbkdf2-sha256$i=…$salt$key`; null where it is none. */
export function readPbkdf2(text: string): Pbkdf2Hash | null {
  const [, iterations, salt, tag] = FORM.exec(text) ?? [];
  if (tag === undefined) return null;
  const hash: Pbkdf2Hash = {
    ...{ kind: 'pbkdf2', iterations: Number(iterations) },
    ...{ salt: Buffer.from(salt!, 'base64'), tag: Buffer.from(tag, 'base64') },
  };
  return isBearable(hash) ? hash : null;
}

export function writePbkdf2({ iterations, salt, tag }: Pbkdf2Hash): string {
  const plain = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$pbkdf2-sha256$i=${iterations}$${plain(salt)}$${plain(tag)}`;
}

export function isBearable({ iterations, salt, tag }: Pbkdf2Hash): boolean {
  const isLong = tag.length >= 12 && tag.length <= MOST_KEY_BYTES && salt.length >= 1 && salt.length <= 128;
  return isLong && iterations >= 1 && iterations <= MOST_ITERATIONS;
}

/** What makes the key of a password under the salt and costs of a hash. */
export function pbkdf2Work(password: string, { iterations, salt, tag }: Pbkdf2Hash): Derivation {
  return { kind: 'pbkdf2', password, salt, iterations, tagBytes: tag.length };
}
