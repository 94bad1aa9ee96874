import type { SignatureKey } from '../tokens/signature-key.js';
import { ReadFailed } from './issuer-client.js';
import { publishedKey, type PublishedKey } from './published-key.js';

/** The big providers have up to ten. */
const MOST_KEYS = 100;
/** Keys that one token is tried with: of one kid, or of none where the token names none. */
const MOST_TRIES = 8;

/** `unknown`: the issuer may have a newer key. `misfit`: the key is known, and not for this algorithm. */
export type FoundKeys = readonly SignatureKey[] | 'unknown' | 'misfit';

/** The keys of an issuer that check signatures, as it published them last. Never changed: another answer makes another. */
export class PublishedKeys {
  private readonly byKid = new Map<string, PublishedKey[]>();

  constructor(
    private readonly keys: readonly PublishedKey[],
    /** Why others cannot be used, in a few words each. */
    readonly skipped: readonly string[],
  ) {
    for (const key of keys) {
      if (key.kid === null) continue;
      const same = this.byKid.get(key.kid);
      if (same === undefined) this.byKid.set(key.kid, [key]);
      else same.push(key);
    }
  }

  get size(): number {
    return this.keys.length;
  }

  /**
   * The keys to try for a token. A kid counts with the key that has it alone; a token without one is tried with all that fit.
   * @param algorithm of pairAlgorithm
   */
  find(kid: string | null, algorithm: string): FoundKeys {
    const named = kid === null ? this.keys : this.byKid.get(kid);
    if (named === undefined) return 'unknown';
    const fitting: SignatureKey[] = [];
    for (const { byAlgorithm } of named) {
      const key = byAlgorithm.get(algorithm);
      if (key !== undefined && fitting.length < MOST_TRIES) fitting.push(key);
    }
    if (fitting.length > 0) return fitting;
    return kid === null ? 'unknown' : 'misfit';
  }

  /** Whether one of these is no longer there, or is for less. */
  isWithdrawnIn(next: PublishedKeys): boolean {
    const there = new Set(next.keys.map(({ mark }) => mark));
    return this.keys.some(({ mark }) => !there.has(mark));
  }
}

/** Reads a key set (RFC 7517, 5): keys that cannot be used are left out. @throws ReadFailed where it is none */
export function publishedKeys(document: Readonly<Record<string, unknown>>): PublishedKeys {
  const { keys } = document;
  if (!Array.isArray(keys)) throw new ReadFailed('publishes no key set: an object with a list keys was expected', 200);
  if (keys.length > MOST_KEYS) throw new ReadFailed(`publishes more than ${MOST_KEYS} keys`, 200);
  const good: PublishedKey[] = [];
  const skipped: string[] = [];
  for (const jwk of keys as readonly unknown[]) {
    const key = publishedKey(jwk);
    if (typeof key === 'string') skipped.push(key);
    else good.push(key);
  }
  return new PublishedKeys(good, skipped);
}
