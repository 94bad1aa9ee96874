import { randomUUID, timingSafeEqual } from 'node:crypto';
import { argon2Of, argon2Work, isCurrent, readArgon2, type Argon2Hash } from './argon2-hash.js';
import type { Derivation, Derive } from './derivation.js';
import { pbkdf2Work, readPbkdf2, type Pbkdf2Hash } from './pbkdf2-hash.js';

export interface PasswordCheck {
  readonly isRight: boolean;
  /** Right, but hashed as nobody would hash it today. */
  readonly isOld: boolean;
}

/** Hashes and checks passwords. Whoever calls bounds how many at once. */
export class PasswordHashes {
  /** A hash of nothing that anybody knows. */
  private nobody: Promise<string> | null = null;

  constructor(private readonly derive: Derive) {}

  /** As text that tells algorithm and costs. */
  async make(password: string): Promise<string> {
    return argon2Of(normal(password), this.derive);
  }

  /** Takes the time of a real check where there is no hash (null), so that nobody learns who exists. */
  async check(password: string, stored: string | null): Promise<PasswordCheck> {
    const text =
      stored ??
      (await (this.nobody ??= argon2Of(randomUUID(), this.derive).catch((error: unknown) => {
        this.nobody = null;
        throw error;
      })));
    const hash = readHash(text);
    if (hash === null) return { isRight: false, isOld: false };
    const isRight = timingSafeEqual(await this.derive(workOf(normal(password), hash)), hash.tag) && stored !== null;
    return { isRight, isOld: hash.kind === 'pbkdf2' || !isCurrent(hash) };
  }
}

/** Null where it is no hash that we read. */
export function readHash(text: string): Argon2Hash | Pbkdf2Hash | null {
  return readArgon2(text) ?? readPbkdf2(text);
}

function workOf(password: string, hash: Argon2Hash | Pbkdf2Hash): Derivation {
  return hash.kind === 'argon2id' ? argon2Work(password, hash) : pbkdf2Work(password, hash);
}

/** What looks alike is the same password, however a keyboard composes it (RFC 8265, 4.2.2: NFC). */
function normal(password: string): string {
  return password.normalize('NFC');
}
