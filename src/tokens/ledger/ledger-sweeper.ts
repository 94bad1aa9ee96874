import { FORGET_ANSWERS } from './family-statements.js';
import type { LedgerStore } from './ledger-store.js';
import { SWEEPS } from './revocation-statements.js';

const EVERY_MS = 600_000;
/** Replicas that started together do not sweep together. */
const JITTER = 0.2;
const BATCH = 1000;
const MOST_BATCHES = 200;
const FORGET_AFTER_MS = 12_000;

/** Takes out of the store what nobody asks for any more. Every replica sweeps; which one finds the rows does not matter. */
export class LedgerSweeper {
  private sweepTimer: NodeJS.Timeout | null = null;
  private forgetTimer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(
    private readonly store: Pick<LedgerStore, 'rows' | 'hasOpened'>,
    private readonly sweptMemory: () => void,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    const waitMs = EVERY_MS * (1 - JITTER + 2 * JITTER * this.random());
    this.sweepTimer = setTimeout(() => {
      this.sweptMemory();
      void this.sweep()
        .catch(() => undefined)
        .finally(() => {
          if (!this.isStopped) this.start();
        });
    }, waitMs).unref();
  }

  /** An answer was stored: it goes soon after nobody may have it any more. */
  answered(): void {
    if (this.isStopped) return;
    this.forgetTimer ??= setTimeout(() => {
      this.forgetTimer = null;
      void this.store.rows(FORGET_ANSWERS).catch(() => undefined);
    }, FORGET_AFTER_MS).unref();
  }

  /** @throws LedgerUnavailable */
  async sweep(): Promise<void> {
    // A database that nobody needed is not opened for that.
    if (!this.store.hasOpened) return;
    await this.store.rows(FORGET_ANSWERS);
    for (const statement of SWEEPS) {
      for (let batches = 0; batches < MOST_BATCHES && !this.isStopped; batches++) {
        const [swept] = await this.store.rows<{ count: number }>(statement);
        if ((swept?.count ?? 0) < BATCH) break;
      }
    }
  }

  stop(): void {
    this.isStopped = true;
    for (const timer of [this.sweepTimer, this.forgetTimer]) if (timer !== null) clearTimeout(timer);
  }
}
