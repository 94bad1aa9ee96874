import type { BoundedStore } from './bounded-store.js';

const EVERY_MS = 120_000;
/** Replicas that started together do not sweep together. */
const JITTER = 0.2;
const MOST_BATCHES = 200;

/** A statement that takes out at most `atOnce` rows, and answers how many as `count`. */
export interface SweepStatement {
  readonly sql: string;
  readonly atOnce: number;
}

/** Takes what has ended out of the database. Every replica sweeps; which one finds the rows does not matter. */
export class StoreSweeper {
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(
    private readonly store: Pick<BoundedStore, 'rows' | 'hasOpened'>,
    private readonly statements: readonly SweepStatement[],
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    if (this.isStopped || this.timer !== null) return;
    const waitMs = EVERY_MS * (1 - JITTER + 2 * JITTER * this.random());
    this.timer = setTimeout(() => {
      void this.sweep()
        .catch(() => undefined)
        .finally(() => {
          this.timer = null;
          this.start();
        });
    }, waitMs).unref();
  }

  /** @throws what the store throws */
  async sweep(): Promise<void> {
    // A database that nobody needed is not opened for that.
    if (!this.store.hasOpened) return;
    for (const statement of this.statements) await this.sweepAll(statement);
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private async sweepAll({ sql, atOnce }: SweepStatement): Promise<void> {
    for (let batches = 0; batches < MOST_BATCHES && !this.isStopped; batches++) {
      const [swept] = await this.store.rows<{ readonly count: number }>(sql);
      if ((swept?.count ?? 0) < atOnce) return;
    }
  }
}
