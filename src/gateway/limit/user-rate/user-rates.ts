import type { RateStore } from '../../../contracts/rate-store.js';
import { SYSTEM_LIMIT_CLOCK, type LimitClock } from '../gate.js';
import { BucketTable, TableBound } from './bucket-table.js';
import { RateLink, type RateCounts } from './rate-link.js';
import { StoreWatch, type StoreReport } from './store-watch.js';

export interface UserRatesOptions {
  /** rateLimiter.cache.maxSize: buckets that are known at once, of all channels. */
  readonly mostBuckets: number;
  /** rateLimiter.cache.expiry, in ms: a bucket that nobody uses for so long is forgotten, at the latest after twice that. */
  readonly expiryMs: number;
  readonly report: StoreReport;
  readonly clock?: LimitClock;
}

const SWEEP_EVERY_MS = 1000;
/** 10,000 buckets are looked through in two sweeps; more of them take longer, and leave the event loop alone all the same. */
const SWEPT_AT_ONCE = 5000;

/** User rate limits of this process: the buckets of all channels, by the store that they are shared through. */
export class UserRates {
  readonly counts: RateCounts = { calls: 0, failures: 0, alone: 0, waited: 0 };
  private readonly bound: TableBound;
  private readonly links = new Map<RateStore | null, RateLink>();
  private readonly clock: LimitClock;
  private cancelSweep: (() => void) | null = null;
  private agedAt: number;
  private isStopped = false;

  constructor(private readonly options: UserRatesOptions) {
    this.clock = options.clock ?? SYSTEM_LIMIT_CLOCK;
    this.bound = new TableBound(options.mostBuckets);
    this.agedAt = this.clock.now();
  }

  /** Buckets that are known; one that outlived a generation may count twice. */
  get size(): number {
    return this.bound.size;
  }

  /** Stores that cannot be had now. */
  get away(): readonly RateStore[] {
    return [...this.links.values()].filter(({ watch }) => watch.isAway).map(({ store }) => store!);
  }

  /** Where to charge buckets of plans whose counts are in that store; null: in this process. The same link for the same store. */
  on(store: RateStore | null): RateLink {
    const known = this.links.get(store);
    if (known !== undefined) return known;
    const { clock, counts } = this;
    const table = new BucketTable(this.bound);
    const watch = new StoreWatch(store, clock, this.options.report);
    const link = new RateLink({ store, table, watch, clock, counts });
    this.links.set(store, link);
    this.sweepLater();
    return link;
  }

  /** After a reload: lets go of the stores that no channel uses any more, and gives leases back to them. */
  async retain(stores: ReadonlySet<RateStore | null>): Promise<void> {
    const gone = [...this.links.values()].filter(({ store }) => !stores.has(store));
    await Promise.all(gone.map((link) => this.end(link)));
  }

  /** When the process ends: gives all leases back, for no longer than so many ms. */
  async flush(mostMs: number): Promise<void> {
    this.isStopped = true;
    this.cancelSweep?.();
    this.cancelSweep = null;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.clock.after(mostMs, resolve);
    await Promise.race([late, Promise.all([...this.links.values()].map((link) => this.end(link)))]);
    cancel();
  }

  private async end(link: RateLink): Promise<void> {
    this.links.delete(link.store);
    await link.giveBackAll();
    link.watch.stop();
    link.table.drop();
  }

  private sweepLater(): void {
    if (this.isStopped || this.cancelSweep !== null) return;
    this.cancelSweep = this.clock.after(SWEEP_EVERY_MS, () => {
      this.cancelSweep = null;
      this.sweep();
      if (this.links.size > 0) this.sweepLater();
    });
  }

  private sweep(): void {
    for (const link of this.links.values()) link.sweep(SWEPT_AT_ONCE);
    const now = this.clock.now();
    if (now - this.agedAt < this.options.expiryMs) return;
    this.agedAt = now;
    for (const link of this.links.values()) link.table.age((spec, entry) => link.keeps(spec, entry));
    this.bound.aged();
  }
}
