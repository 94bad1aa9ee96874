import type { ThrottlerStorage } from '@nestjs/throttler';
import type { Cancellation } from '../../../contracts/executor.js';
import type { BucketSpec, LeaseTerms } from './bucket-spec.js';
import { standingOf } from './rate-limit-fields.js';
import type { RateLink } from './rate-link.js';

type ThrottlerStorageRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const STAYS: Cancellation = { cancelled: false, onCancel: () => undefined };
const TERMS: LeaseTerms = Object.freeze({ ahead: 4, low: -1, leaseMs: 30_000, sharesCalls: true });
const MOST_SPECS = 100;

/**
 * The storage of @nestjs/throttler (auth and admin controllers) on the buckets of user rates: bounded here, and shared by replicas where a
 * service keeps rates. Its window is a bucket that holds the limit and refills steadily over it.
 */
export class ThrottlerRates implements ThrottlerStorage {
  private readonly specs = new Map<string, BucketSpec>();

  constructor(
    /** Where to count now: a reload may name another store. */
    private readonly link: () => RateLink,
    private readonly now: () => number,
  ) {}

  // eslint-disable-next-line max-params -- the library's interface
  async increment(
    key: string,
    ttl: number,
    limit: number,
    _blockDuration: number,
    throttlerName: string,
  ): Promise<ThrottlerStorageRecord> {
    const spec = this.specOf(throttlerName, limit, ttl);
    const bucket = { spec, who: key, entry: null };
    const verdict = await this.link().take([bucket], STAYS);
    const { remaining, resetMs } = standingOf(bucket, this.now());
    const isBlocked = verdict !== null && verdict !== 'gone';
    return {
      totalHits: isBlocked ? limit + 1 : limit - remaining,
      timeToExpire: Math.max(1, Math.ceil(resetMs / 1000)),
      isBlocked,
      timeToBlockExpire: isBlocked ? Math.ceil(verdict.retryAfterMs / 1000) : 0,
    };
  }

  private specOf(name: string, limit: number, ttl: number): BucketSpec {
    const key = JSON.stringify(['throttler', name, limit, ttl]);
    const known = this.specs.get(key);
    if (known !== undefined) return known;
    const spec = { policy: 'ip', key, limit, periodMs: ttl, periodUs: ttl * 1000, terms: TERMS } as const;
    if (this.specs.size < MOST_SPECS) this.specs.set(key, spec);
    return spec;
  }
}
