import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

// 1 MiB and about 2 ms: cheap, so that tests and trials are quick. A real server takes N = 2 ** 17 (OWASP), or argon2id.
const COST = { N: 2 ** 10, r: 8, p: 1 };
const KEY_BYTES = 32;

export interface PasswordHash {
  readonly salt: Buffer;
  readonly key: Buffer;
}

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { salt, key: await derive(password, salt) };
}

/** Takes the same time for a user who does not exist (null), so that a caller cannot find out who does. */
export async function isPasswordOf(hash: PasswordHash | null, password: string): Promise<boolean> {
  const { salt, key } = hash ?? NOBODY;
  const isEqual = timingSafeEqual(await derive(password, salt), key);
  return isEqual && hash !== null;
}
const NOBODY: PasswordHash = { salt: randomBytes(16), key: randomBytes(KEY_BYTES) };

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // What looks alike is the same password, however the keyboard composes it.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, COST, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
