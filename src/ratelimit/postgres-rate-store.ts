import { RateStoreUnavailable, type Lease, type LeaseRequest, type RateStore } from '../contracts/rate-store.js';
import { LeaseBatches } from './lease-batches.js';
import { LEASE, SWEEP, SWEPT_AT_ONCE, type LeasedRow } from './rate-statements.js';
import { within } from '../storage/within.js';
import { ANSWER_MS } from './answer-ms.js';

/** What the store needs of the database. */
export interface RateDatabase {
  /** For messages; never with a password. */
  readonly name: string;
  /** @throws what keeps it from opening; the next call tries again */
  open(): Promise<{ query(sql: string, values?: unknown[]): Promise<unknown> }>;
}

export interface PostgresRateStoreOptions {
  readonly database: RateDatabase;
  readonly gatewayId: string;
  readonly answerMs?: number;
  readonly random?: () => number;
}

const SWEEP_EVERY_MS = 600_000;
/** Replicas that started together do not sweep together. */
const JITTER = 0.2;
const MOST_SWEEPS = 100;

/** Buckets in Postgres: all leases that wait at once go in one statement. */
export class PostgresRateStore implements RateStore {
  readonly kind = 'postgres';
  readonly name: string;
  private readonly prefix: string;
  private readonly answerMs: number;
  private readonly batches: LeaseBatches;
  private sweepTimer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(private readonly options: PostgresRateStoreOptions) {
    const { database, gatewayId, answerMs = ANSWER_MS } = options;
    this.name = database.name;
    this.prefix = `${gatewayId}:`;
    this.answerMs = answerMs;
    this.batches = new LeaseBatches((requests) => this.query(requests), answerMs);
    this.sweepLater();
  }

  async lease(requests: readonly LeaseRequest[]): Promise<readonly Lease[]> {
    if (this.isClosed) throw new RateStoreUnavailable('The store of rates is closed.');
    try {
      return await within(this.answerMs, this.batches.lease(requests));
    } catch (error) {
      throw new RateStoreUnavailable(`${this.name} cannot be had now.`, { cause: error });
    }
  }

  /** Drops buckets that are full again. Every replica does; which one finds them does not matter. */
  async sweep(): Promise<void> {
    const source = await this.options.database.open();
    for (let sweeps = 0; sweeps < MOST_SWEEPS && !this.isClosed; sweeps++) {
      const [swept] = (await source.query(SWEEP)) as { count: number }[];
      if ((swept?.count ?? 0) < SWEPT_AT_ONCE) return;
    }
  }

  close(): Promise<void> {
    this.isClosed = true;
    if (this.sweepTimer !== null) clearTimeout(this.sweepTimer);
    return Promise.resolve();
  }

  private async query(requests: readonly LeaseRequest[]): Promise<ReadonlyMap<string, Lease>> {
    const source = await this.options.database.open();
    const column = (of: (request: LeaseRequest) => number): number[] => requests.map(of);
    const rows = (await source.query(LEASE, [
      requests.map(({ key }) => this.prefix + key),
      column(({ limit }) => limit),
      column(({ periodMs }) => periodMs * 1000),
      ...[column(({ need }) => need), column(({ ahead }) => ahead), column(({ returned }) => returned)],
    ])) as LeasedRow[];
    const leaseOf = ({ key, granted, remaining, us_to_next: us }: LeasedRow): readonly [string, Lease] => [
      key.slice(this.prefix.length),
      { granted: Number(granted), remaining: Number(remaining), msToNextToken: Number(us) / 1000 },
    ];
    return new Map(rows.map(leaseOf));
  }

  private sweepLater(): void {
    const { random = Math.random } = this.options;
    const waitMs = SWEEP_EVERY_MS * (1 - JITTER + 2 * JITTER * random());
    this.sweepTimer = setTimeout(() => {
      void this.sweep()
        .catch(() => undefined)
        .finally(() => {
          if (!this.isClosed) this.sweepLater();
        });
    }, waitMs).unref();
  }
}
