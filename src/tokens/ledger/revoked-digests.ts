/** Clocks differ, and a token is accepted for some seconds after its end: a digest is kept that much longer. */
export const LEEWAY_MS = 60_000;
export const MOST_REVOKED = 100_000;

/** Digests of tokens that are refused, in memory: asked with each request. Bounded; those that have expired go with `sweep`. */
export class RevokedDigests {
  /** In the order in which they came. */
  private readonly expiries = new Map<string, number>();
  /** Let go although they had not expired, for want of room. */
  evicted = 0;

  constructor(
    private readonly now: () => number,
    private readonly most = MOST_REVOKED,
  ) {}

  get size(): number {
    return this.expiries.size;
  }

  has(digest: string): boolean {
    return this.expiries.has(digest);
  }

  /** Whether it is new here. One that has expired is not kept. */
  add(digest: string, expiresAtMs: number): boolean {
    if (this.expiries.has(digest) || expiresAtMs + LEEWAY_MS <= this.now()) return false;
    if (this.expiries.size >= this.most) this.evict();
    this.expiries.set(digest, expiresAtMs);
    return true;
  }

  sweep(): void {
    const now = this.now();
    for (const [digest, expiresAtMs] of this.expiries) if (expiresAtMs + LEEWAY_MS <= now) this.expiries.delete(digest);
  }

  /** The one that came first: of tokens that live equally long it has the least of its life before it. */
  private evict(): void {
    const [first] = this.expiries.entries();
    if (first === undefined) return;
    const [digest, expiresAtMs] = first;
    this.expiries.delete(digest);
    if (expiresAtMs + LEEWAY_MS > this.now()) this.evicted++;
  }
}
