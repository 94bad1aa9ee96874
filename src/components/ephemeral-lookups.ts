import type { Reconnects } from '../contracts/reconnects.js';

/** However many connections a pool opens at once, the source is looked at once. */
const EVERY_MS = 1000;

/** Has the lookups resolved again when a connection was opened, where there are ephemeral ones; at most once a second. */
export class EphemeralLookups implements Reconnects {
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(
    private readonly options: {
      readonly hasAny: () => boolean;
      readonly refresh: () => Promise<void>;
      readonly everyMs?: number;
    },
  ) {}

  connected(): void {
    if (this.timer !== null || this.isStopped || !this.options.hasAny()) return;
    const { refresh, everyMs = EVERY_MS } = this.options;
    void refresh();
    this.timer = setTimeout(() => (this.timer = null), everyMs).unref();
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }
}
