import type { Cancellation } from '../../../contracts/executor.js';
import type { Lease, LeaseRequest, RateStore } from '../../../contracts/rate-store.js';
import { spend, usToFull, usToNextToken } from '../../../contracts/token-bucket.js';
import type { LimitClock } from '../gate.js';
import type { BucketEntry } from './bucket-entry.js';
import type { BucketSpec, ChargedBucket } from './bucket-spec.js';
import type { BucketTable } from './bucket-table.js';
import { LeaseCall, RateWaiter, type RateRefusal, type RateVerdict } from './lease-call.js';
import type { StoreWatch } from './store-watch.js';

/** Requests that wait for the store at once; who comes then is judged by what this replica knows. */
const MOST_WAITING = 10_000;
/** Calls under way for one bucket; who comes then waits for the last of them. */
const MOST_CALLS = 16;
/** A request that others have outrun so often is judged by what this replica knows. */
const MOST_ROUNDS = 8;
const MOST_IN_CALL = 500;

export interface RateCounts {
  /** Calls of stores, and those that failed. */
  calls: number;
  failures: number;
  /** Requests that this replica judged by itself because the store was away or too slow. */
  alone: number;
  /** Requests that waited for a call. */
  waited: number;
}

export interface RateLinkOptions {
  /** Null: the buckets are here. */
  readonly store: RateStore | null;
  readonly table: BucketTable;
  readonly watch: StoreWatch;
  readonly clock: LimitClock;
  readonly counts: RateCounts;
}

/** The buckets of one store as this process sees them: leased tokens, and what is believed of the rest. */
export class RateLink {
  readonly store: RateStore | null;
  readonly table: BucketTable;
  readonly watch: StoreWatch;
  private readonly clock: LimitClock;
  private readonly counts: RateCounts;
  private waiting = 0;
  private readonly ended = (): void => void this.waiting--;
  /** Bound once: gives what is not used in time back, one entry at a time. */
  private readonly collect = (spec: BucketSpec, entry: BucketEntry): void => this.collectOwed(spec, entry);
  private readonly returns: LeaseRequest[] = [];

  constructor({ store, table, watch, clock, counts }: RateLinkOptions) {
    this.store = store;
    this.table = table;
    this.watch = watch;
    this.clock = clock;
    this.counts = counts;
  }

  /**
   * Charges all of the buckets, or none. At once where tokens are leased, where the store is known to have none, and where this
   * replica limits by itself; else a promise, which never rejects. `gone`: the client left while it waited, and nothing was charged.
   */
  take(buckets: readonly ChargedBucket[], cancellation: Cancellation): RateVerdict | Promise<RateVerdict | 'gone'> {
    const now = this.clock.now();
    if (this.watch.isAway) return this.takeAlone(buckets, now);
    const verdict = this.tryTake(buckets, now, this.store === null);
    if (verdict !== 'ask') return verdict;
    if (this.waiting >= MOST_WAITING) return this.takeAlone(buckets, now);
    return this.wait(buckets, cancellation, now);
  }

  /** Gives leased tokens back whose time is over, of the next so many entries. */
  sweep(mostEntries: number): void {
    this.table.visit(mostEntries, this.collect);
    void this.sendReturns();
  }

  /** Gives back everything; resolves when it is there, or cannot be. */
  async giveBackAll(): Promise<void> {
    for (const [spec, entry] of this.table.all()) {
      entry.expire(0);
      this.collectOwed(spec, entry);
    }
    await this.sendReturns();
  }

  /** What may not be forgotten although nobody uses it: a bucket that is here alone and not full. */
  keeps(spec: BucketSpec, entry: BucketEntry): boolean {
    if (entry.calls > 0 || entry.tokens > 0) return true;
    if (!this.isAlone || entry.believed(spec, this.clock.now()) === spec.limit) return false;
    return usToFull(entry, spec, entry.atUs) > 0;
  }

  private get isAlone(): boolean {
    return this.store === null || this.watch.isAway;
  }

  private tryTake(buckets: readonly ChargedBucket[], now: number, isAlone: boolean): RateVerdict | 'ask' {
    let asks = false;
    for (const bucket of buckets) {
      const { spec } = bucket;
      const entry = (bucket.entry ??= this.table.entryOf(bucket, now));
      if (entry.hasLeased(now)) continue;
      const isEmpty = isAlone ? entry.believed(spec, now) === 0 : now < entry.emptyUntil;
      if (isEmpty || spec.limit === 0) return refusalBy(spec, entry, now);
      asks = true;
    }
    if (asks && !isAlone) return 'ask';
    for (const { spec, entry } of buckets) {
      if (entry!.tokens === 0) spend(entry!, spec, 1);
      else if (--entry!.tokens === spec.terms.low) this.askAhead(spec, entry!);
    }
    return null;
  }

  /** Nobody waits for it; who comes when there is none left may. */
  private askAhead(spec: BucketSpec, entry: BucketEntry): void {
    if (this.isAlone || entry.calls > 0) return;
    const call = new LeaseCall();
    call.askFor({ entry, spec, need: 0, ahead: spec.terms.ahead - entry.tokens });
    this.send(call);
  }

  private takeAlone(buckets: readonly ChargedBucket[], now: number): RateVerdict {
    this.counts.alone++;
    return this.tryTake(buckets, now, true) as RateVerdict;
  }

  private wait(
    buckets: readonly ChargedBucket[],
    cancellation: Cancellation,
    now: number,
  ): Promise<RateVerdict | 'gone'> {
    this.waiting++;
    this.counts.waited++;
    const waiter = new RateWaiter(buckets, cancellation, this.ended);
    if (!waiter.isDone) {
      const call = new LeaseCall();
      this.enqueue(waiter, call, now);
      this.send(call);
    }
    return waiter.verdict;
  }

  /** Joins the calls that are under way for its buckets, and asks for the others in `next`. */
  private enqueue(waiter: RateWaiter, next: LeaseCall, now: number): void {
    for (const { spec, entry } of waiter.buckets) {
      if (entry === null || entry.hasLeased(now)) continue;
      const { call } = entry;
      const shares = spec.terms.sharesCalls || entry.calls >= MOST_CALLS;
      if (call !== null && shares && call !== next) {
        call.join(waiter);
        continue;
      }
      if (call === next && shares) next.asked.find((asked) => asked.entry === entry)!.need++;
      // One call at a time asks for more than is needed: so no replica ever holds more than it may.
      else next.askFor({ entry, spec, need: 1, ahead: entry.calls === 0 ? spec.terms.ahead : 0 });
      next.join(waiter);
    }
  }

  private send(call: LeaseCall): void {
    if (call.asked.length === 0) return;
    this.counts.calls++;
    const requests = call.asked.map(({ entry, spec, need, ahead }) => ({
      ...{ key: entry.key, limit: spec.limit, periodMs: spec.periodMs },
      ...{ need, ahead, returned: entry.takeOwed(spec) },
    }));
    this.store!.lease(requests).then(
      (leases) => this.answered(call, leases),
      (error: unknown) => this.failed(call, error),
    );
  }

  private answered(call: LeaseCall, leases: readonly Lease[]): void {
    const now = this.clock.now();
    call.end();
    for (const [index, { entry, spec }] of call.asked.entries()) entry.leased(leases[index]!, spec, now);
    this.resume(call, now);
  }

  private failed(call: LeaseCall, error: unknown): void {
    call.end();
    this.counts.failures++;
    this.watch.failed(error);
    this.resume(call, this.clock.now());
  }

  /** In the order in which they came, and before anybody new: what is granted is theirs. */
  private resume(call: LeaseCall, now: number): void {
    const next = new LeaseCall();
    let stillWaiting = 0;
    for (const waiter of call.waiters) {
      waiter.waitsFor--;
      if (waiter.isDone) continue;
      if (waiter.waitsFor > 0 || !this.tryAgain(waiter, next, now)) stillWaiting++;
    }
    // Those who wait for another bucket find their token of this one when they come back.
    for (const { entry, spec } of call.asked) entry.expire(spec.terms.ahead + stillWaiting);
    this.send(next);
  }

  /** False: it has to wait again. */
  private tryAgain(waiter: RateWaiter, next: LeaseCall, now: number): boolean {
    waiter.rounds++;
    const isAlone = this.isAlone || waiter.rounds >= MOST_ROUNDS;
    const verdict = isAlone ? this.takeAlone(waiter.buckets, now) : this.tryTake(waiter.buckets, now, false);
    if (verdict === 'ask') this.enqueue(waiter, next, now);
    else waiter.settle(verdict);
    return verdict !== 'ask';
  }

  private collectOwed(spec: BucketSpec, entry: BucketEntry): void {
    if (entry.hasLeased(this.clock.now()) && entry.calls === 0) entry.expire(spec.terms.ahead);
    if (entry.owed === 0) return;
    const returned = entry.takeOwed(spec);
    const { limit, periodMs } = spec;
    if (!this.isAlone) this.returns.push({ key: entry.key, limit, periodMs, need: 0, ahead: 0, returned });
  }

  private async sendReturns(): Promise<void> {
    while (this.returns.length > 0 && !this.isAlone) {
      this.counts.calls++;
      try {
        await this.store!.lease(this.returns.splice(0, MOST_IN_CALL));
      } catch (error) {
        // Tokens that nobody gets: limits are kept a little too well.
        this.counts.failures++;
        this.watch.failed(error);
      }
    }
    this.returns.length = 0;
  }
}

function refusalBy(spec: BucketSpec, entry: BucketEntry, now: number): RateRefusal {
  const { policy, limit, periodMs } = spec;
  entry.believed(spec, now);
  const waitMs = limit === 0 ? periodMs : usToNextToken(entry, spec, Math.floor(now * 1000)) / 1000;
  return { kind: 'refused', policy, retryAfterMs: Math.max(1, Math.ceil(waitMs)), limit, periodMs, remaining: 0 };
}
