import { RateStoreUnavailable, type Lease, type LeaseRequest, type RateStore } from '../../src/contracts/rate-store.js';
import {
  giveBack,
  refill,
  spend,
  tokensIn,
  usToFull,
  usToNextToken,
  type Bucket,
} from '../../src/contracts/token-bucket.js';

/** A store as simple as can be, by a clock that a test gives; may be taken away. */
export class ModelRateStore implements RateStore {
  readonly kind = 'redis';
  readonly name = 'the model';
  isAway = false;
  /** What was asked of it, call by call. */
  readonly asked: (readonly LeaseRequest[])[] = [];
  private readonly buckets = new Map<string, Bucket & { fullAtUs: number; periodUs: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  async lease(requests: readonly LeaseRequest[]): Promise<readonly Lease[]> {
    this.asked.push(requests);
    if (this.isAway) throw new RateStoreUnavailable('It is away.', { cause: new Error('refused') });
    return requests.map((request) => this.leaseOne(request));
  }

  get size(): number {
    return this.buckets.size;
  }

  /** Whole tokens that are missing from all buckets. */
  get missing(): number {
    return [...this.buckets.values()].reduce((sum, { debt, periodUs }) => sum + Math.ceil(debt / periodUs), 0);
  }

  /** Drops what is full. */
  sweep(): void {
    for (const [key, { fullAtUs }] of this.buckets) if (fullAtUs <= this.now() * 1000) this.buckets.delete(key);
  }

  /** All buckets are full again. */
  forget(): void {
    this.buckets.clear();
  }

  private leaseOne({ key, limit, periodMs, need, ahead, returned }: LeaseRequest): Lease {
    const rate = { limit, periodUs: periodMs * 1000 };
    const nowUs = Math.floor(this.now() * 1000);
    const bucket = this.buckets.get(key) ?? { debt: 0, atUs: nowUs, fullAtUs: 0, periodUs: rate.periodUs };
    this.buckets.set(key, bucket);
    refill(bucket, rate, nowUs);
    giveBack(bucket, rate, returned);
    const free = tokensIn(bucket, rate);
    const needed = Math.min(need, free);
    const granted = needed + Math.min(ahead, Math.floor((free - needed) / 4));
    spend(bucket, rate, granted);
    bucket.fullAtUs = nowUs + usToFull(bucket, rate, nowUs);
    return { granted, remaining: free - granted, msToNextToken: usToNextToken(bucket, rate, nowUs) / 1000 };
  }
}
