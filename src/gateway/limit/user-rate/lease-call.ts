import type { Cancellable, Cancellation } from '../../../contracts/executor.js';
import type { BucketEntry } from './bucket-entry.js';
import type { BucketSpec, ChargedBucket, RatePolicy } from './bucket-spec.js';

/** What a request is refused with: 429, and which limit it was. */
export interface RateRefusal {
  readonly kind: 'refused';
  readonly policy: RatePolicy;
  /** ms until the bucket has a token again, at least 1. */
  readonly retryAfterMs: number;
  readonly limit: number;
  readonly periodMs: number;
  readonly remaining: 0;
}

/** Null: charged, go on. */
export type RateVerdict = null | RateRefusal;

/** What one call asks of one bucket. */
export interface AskedBucket {
  readonly entry: BucketEntry;
  readonly spec: BucketSpec;
  need: number;
  readonly ahead: number;
}

/** One call of the store, and the requests that wait for it. */
export class LeaseCall {
  readonly asked: AskedBucket[] = [];
  readonly waiters: RateWaiter[] = [];

  join(waiter: RateWaiter): void {
    if (this.waiters.at(-1) === waiter) return;
    this.waiters.push(waiter);
    waiter.waitsFor++;
  }

  askFor(bucket: AskedBucket): void {
    this.asked.push(bucket);
    bucket.entry.calls++;
    bucket.entry.call = this;
  }

  /** The call is over, whatever it gave. */
  end(): void {
    for (const { entry } of this.asked) {
      entry.calls--;
      if (entry.call === this) entry.call = null;
    }
  }
}

/** A request that waits for tokens. Never longer than the store may take to answer, a few times. */
export class RateWaiter implements Cancellable {
  readonly verdict: Promise<RateVerdict | 'gone'>;
  /** Calls that it waits for. */
  waitsFor = 0;
  rounds = 0;
  isDone = false;
  private readonly resolve: (verdict: RateVerdict | 'gone') => void;

  constructor(
    readonly buckets: readonly ChargedBucket[],
    private readonly cancellation: Cancellation,
    private readonly ended: () => void,
  ) {
    const { promise, resolve } = Promise.withResolvers<RateVerdict | 'gone'>();
    this.verdict = promise;
    this.resolve = resolve;
    cancellation.onCancel(this);
  }

  /** The client has gone: it takes no token. */
  cancel(): void {
    this.settle('gone');
  }

  settle(verdict: RateVerdict | 'gone'): void {
    if (this.isDone) return;
    this.isDone = true;
    if (verdict !== 'gone') this.cancellation.onCancel(null);
    this.ended();
    this.resolve(verdict);
  }
}
