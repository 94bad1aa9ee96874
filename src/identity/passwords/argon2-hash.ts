import * as crypto from 'node:crypto';
import { randomBytes } from 'node:crypto';
import type { Derivation, Derive } from './derivation.js';

/** OWASP's advice for argon2id: 19 MiB, two passes, one lane. Some 30 ms of one core. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const PARALLELISM = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** What a hash from elsewhere may cost: 1 GiB, and a few seconds. */
const MOST_MEMORY_KIB = 1_048_576;
const MOST_PASSES = 100;
const MOST_PARALLELISM = 64;

interface Costs {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}
const COSTS: Costs = { memory: MEMORY_KIB, passes: PASSES, parallelism: PARALLELISM };

const FORM = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,171})$/;

export interface Argon2Hash extends Costs {
  readonly kind: 'argon2id';
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** Whether this Node can hash so: 24.7 and later can. */
export const hasArgon2 = typeof crypto.argon2 === 'function';

/** Reads `$argon2id$v=19$m=…,t=…,p=…$salt$tag`; null where it is none, or costs more than a login may. */
export function readArgon2(text: string): Argon2Hash | null {
  const [, memory, passes, parallelism, salt, tag] = FORM.exec(text) ?? [];
  if (tag === undefined) return null;
  const costs = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const isBearable =
    costs.memory >= 8 * costs.parallelism &&
    costs.memory <= MOST_MEMORY_KIB &&
    costs.passes >= 1 &&
    costs.passes <= MOST_PASSES &&
    costs.parallelism >= 1 &&
    costs.parallelism <= MOST_PARALLELISM;
  if (!isBearable) return null;
  return { kind: 'argon2id', ...costs, salt: Buffer.from(salt!, 'base64'), tag: Buffer.from(tag, 'base64') };
}

/** Whether it costs what a new one would. */
export function isCurrent({ memory, passes, parallelism }: Argon2Hash): boolean {
  return memory === MEMORY_KIB && passes === PASSES && parallelism === PARALLELISM;
}

/** What makes the tag of a password under the salt and costs of a hash. */
export function argon2Work(password: string, { salt, tag, memory, passes, parallelism }: Argon2Hash): Derivation {
  return { kind: 'argon2id', password, salt, memory, passes, parallelism, tagBytes: tag.length };
}

/** A new hash with a salt of its own, as text. */
export async function argon2Of(password: string, derive: Derive): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive({ kind: 'argon2id', password, salt, ...COSTS, tagBytes: TAG_BYTES });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${PARALLELISM}$${plain(salt)}$${plain(tag)}`;
}

/** Base64 without padding, as the form has it. */
function plain(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
