import { SWEEP, SWEPT_AT_ONCE, type CountRow } from './session-statements.js';
import type { SessionStore } from './session-store.js';

const EVERY_MS = 120_000;
/** Replicas that started together do not sweep together. */
const JITTER = 0.2;
const MOST_BATCHES = 200;

/** Takes ended sessions out of the database. Every replica sweeps; which one finds the rows does not matter. */
export class SessionSweeper {
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(
    private readonly store: Pick<SessionStore, 'rows' | 'hasOpened'>,
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

  /** @throws SessionFault 503 */
  async sweep(): Promise<void> {
    // A database that nobody needed is not opened for that.
    if (!this.store.hasOpened) return;
    for (let batches = 0; batches < MOST_BATCHES && !this.isStopped; batches++) {
      const [swept] = await this.store.rows<CountRow>(SWEEP);
      if ((swept?.count ?? 0) < SWEPT_AT_ONCE) return;
    }
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }
}
