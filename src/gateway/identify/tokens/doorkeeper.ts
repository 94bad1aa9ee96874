/** A power of two: some 130 kB. */
const SLOTS = 32_768;

/**
 * Remembers in a few bytes that a token was met: what comes only once is not worth a place among those that are known, and to keep it costs
 * more than its check (the collector moves it twice before it is thrown away). The doorkeeper of TinyLFU (Einziger, Friedman and
 * Manes, 2017), one slot a token: a later one takes it over, and a token that was met in vain is checked once more.
 */
export class Doorkeeper {
  private readonly tags = new Int32Array(SLOTS);

  /** Whether it was met before. @param digest base64url of 43 characters, or as many from the end of a token */
  hasMet(digest: string): boolean {
    const slot = bitsOf(digest, 4) & (SLOTS - 1);
    // 0 is an empty slot.
    const tag = bitsOf(digest, 12) | 1;
    if (this.tags[slot] === tag) return true;
    this.tags[slot] = tag;
    return false;
  }
}

/** 30 bits of five characters. Their codes differ in the low six bits well enough: the digest is what makes them random. */
function bitsOf(digest: string, from: number): number {
  let bits = 0;
  for (let index = from; index < from + 5; index++) bits = (bits << 6) ^ digest.charCodeAt(index);
  return bits | 0;
}
