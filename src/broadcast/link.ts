import { KEPT_MS, Outbox } from './outbox.js';
import type { Way } from './way.js';

export interface LinkEvents {
  received(text: string): void;
  /** It stands; told whether it did not for a time. */
  opened(wasLost: boolean): void;
  dropped(reason: 'full' | 'expired', count: number): void;
  /** Why nothing gets through; null when it does again. */
  problem(reason: string | null): void;
}

/** One way with what waits for it. */
export class Link {
  sent = 0;
  isUp = false;
  private wasLost = false;
  private flushing: Promise<void> | null = null;
  private isClosed = false;
  private readonly outbox: Outbox;
  private readonly timer: NodeJS.Timeout;

  constructor(
    readonly way: Way,
    private readonly events: LinkEvents,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.outbox = new Outbox((reason, count) => events.dropped(reason, count));
    // What waits for a way that never comes back goes without anybody asking.
    this.timer = setInterval(() => this.outbox.expire(this.now()), KEPT_MS / 4).unref();
  }

  open(): void {
    this.way.open({
      received: (text) => this.events.received(text),
      up: () => this.stand(),
      down: (reason) => this.fall(reason),
    });
  }

  /** Settles when it is sent, or kept. */
  async send(text: string): Promise<void> {
    if (this.isClosed) return;
    if (this.isUp && this.outbox.size === 0 && (await this.tried(text))) return;
    this.outbox.keep(text, this.now());
    // The way may have come back while the try failed.
    if (this.isUp) await this.flush();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    await this.way.close();
  }

  private async tried(text: string): Promise<boolean> {
    try {
      await this.way.send(text);
      this.sent++;
      return true;
    } catch {
      return false;
    }
  }

  private stand(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.events.problem(null);
    this.events.opened(this.wasLost);
    this.wasLost = false;
    void this.flush();
  }

  private fall(reason: string): void {
    this.isUp = false;
    this.wasLost = true;
    this.events.problem(reason);
  }

  /** What fails stays; the way is opened anew by itself, and then it is tried again. */
  private flush(): Promise<void> {
    this.flushing ??= this.outbox
      .flush(async (text) => {
        await this.way.send(text);
        this.sent++;
      }, this.now)
      .catch(() => undefined)
      .finally(() => (this.flushing = null));
    return this.flushing;
  }
}
