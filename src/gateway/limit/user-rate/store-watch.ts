import type { RateStore } from '../../../contracts/rate-store.js';
import type { LimitClock } from '../gate.js';

const FIRST_LOOK_MS = 500;
const LONGEST_LOOK_MS = 8000;
/** Nobody's bucket: asked for nothing, it is not even written. */
const NOTHING = { key: 'look', limit: 1, periodMs: 1000, need: 0, ahead: 0, returned: 0 };

/** Told when a store cannot be had any more, with why, and when it can again (null). */
export type StoreReport = (store: RateStore, problem: string | null) => void;

/** Whether a store can be had. Once it failed nobody waits for it, until a look of its own finds it back. */
export class StoreWatch {
  isAway = false;
  private waitMs = FIRST_LOOK_MS;
  private cancelLook: (() => void) | null = null;
  private isStopped = false;

  constructor(
    private readonly store: RateStore | null,
    private readonly clock: LimitClock,
    private readonly report: StoreReport,
  ) {}

  failed(error: unknown): void {
    if (this.isAway || this.isStopped) return;
    this.isAway = true;
    this.waitMs = FIRST_LOOK_MS;
    this.report(this.store!, reasonOf(error));
    this.lookLater();
  }

  stop(): void {
    this.isStopped = true;
    this.cancelLook?.();
    this.cancelLook = null;
  }

  private lookLater(): void {
    this.cancelLook = this.clock.after(this.waitMs, () => this.look());
    this.waitMs = Math.min(LONGEST_LOOK_MS, this.waitMs * 2);
  }

  private look(): void {
    this.cancelLook = null;
    this.store!.lease([NOTHING]).then(
      () => this.back(),
      () => {
        if (!this.isStopped) this.lookLater();
      },
    );
  }

  private back(): void {
    if (this.isStopped) return;
    this.isAway = false;
    this.report(this.store!, null);
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const first = cause instanceof Error ? cause : error;
  return first instanceof Error ? first.message || first.name : String(first);
}
