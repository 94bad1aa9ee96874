import * as crypto from 'node:crypto';

/** Work of a password hash, as it can be sent to a thread. */
export type Derivation =
  | {
      readonly kind: 'argon2id';
      readonly password: string;
      readonly salt: Uint8Array;
      readonly memory: number;
      readonly passes: number;
      readonly parallelism: number;
      readonly tagBytes: number;
    }
  | {
      readonly kind: 'pbkdf2';
      readonly password: string;
      readonly salt: Uint8Array;
      readonly iterations: number;
      readonly tagBytes: number;
    };

/** Derives the tag of a password: where, and how many at once, is up to whoever implements it. */
export type Derive = (work: Derivation) => Promise<Uint8Array>;

/** Takes the thread that calls it for some ten ms and more. */
export function derivedHere(work: Derivation): Uint8Array {
  const { password, salt, tagBytes } = work;
  if (work.kind === 'pbkdf2') return crypto.pbkdf2Sync(password, salt, work.iterations, tagBytes, 'sha256');
  const { memory, passes, parallelism } = work;
  const costs = { memory, passes, parallelism, tagLength: tagBytes };
  return crypto.argon2Sync('argon2id', { ...costs, nonce: salt, message: Buffer.from(password) });
}

/** In the calling thread: for what hashes rarely, and has no others to wait. */
export const deriveHere: Derive = async (work) => derivedHere(work);
