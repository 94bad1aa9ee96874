import type { ThrottlerStorage } from '@nestjs/throttler';

type ThrottlerStorageRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

interface Count {
  hits: number;
  endsAtMs: number;
}

/** Addresses that are counted at once; past that the oldest are forgotten. */
const MOST_ADDRESSES = 100_000;

/**
 * Calls by address, in windows that begin with the first call of an address; in this process. The library's own storage keeps a timer for
 * each call and has no bound.
 */
export class AddressCounts implements ThrottlerStorage {
  private young = new Map<string, Count>();
  private old = new Map<string, Count>();

  constructor(
    /** ms that only grow. */
    private readonly now: () => number = () => performance.now(),
    private readonly mostAddresses = MOST_ADDRESSES,
  ) {}

  get size(): number {
    return this.young.size + this.old.size;
  }

  increment(key: string, ttl: number, limit: number): Promise<ThrottlerStorageRecord> {
    const nowMs = this.now();
    const known = this.young.get(key) ?? this.old.get(key);
    const count = known === undefined || known.endsAtMs <= nowMs ? { hits: 0, endsAtMs: nowMs + ttl } : known;
    count.hits++;
    this.keep(key, count);
    const seconds = Math.max(1, Math.ceil((count.endsAtMs - nowMs) / 1000));
    const isBlocked = count.hits > limit;
    return Promise.resolve({
      ...{ totalHits: count.hits, timeToExpire: seconds, isBlocked },
      timeToBlockExpire: isBlocked ? seconds : 0,
    });
  }

  /** Two generations: nothing is deleted one by one. */
  private keep(key: string, count: Count): void {
    if (!this.young.has(key) && this.young.size >= this.mostAddresses / 2) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, count);
  }
}
