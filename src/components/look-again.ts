export interface LookOptions {
  readonly full?: boolean;
  readonly acceptEmpty?: boolean;
}

/**
 * One look at a source at a time: what asks for another meanwhile makes one more after it, however many ask. Each says in how many ms
 * the next is due; -1 never. Timers hold no process up.
 */
export class LookAgain {
  /** What the look that has not begun yet is to do. */
  private wanted: LookOptions = {};
  private next: Promise<void> | null = null;
  private last: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  /** Begins to look by itself: without it only who asks has a look. */
  private isOn = false;
  private isStopped = false;

  /** @param look must not throw */
  constructor(private readonly look: (options: LookOptions) => Promise<number>) {}

  start(): void {
    this.isOn = true;
  }

  /** Settles when a look that began after this call is done: one that is under way may have passed what the caller means. */
  now(options: LookOptions): Promise<void> {
    this.wanted = {
      full: options.full === true || this.wanted.full === true,
      acceptEmpty: options.acceptEmpty === true || this.wanted.acceptEmpty === true,
    };
    this.next ??= this.last = this.last.then(() => this.lookOnce());
    return this.next;
  }

  async stop(): Promise<void> {
    this.isOn = false;
    this.isStopped = true;
    this.clearTimer();
    await this.last;
  }

  private async lookOnce(): Promise<void> {
    const options = this.wanted;
    this.wanted = {};
    this.next = null;
    if (this.isStopped) return;
    const dueMs = await this.look(options);
    this.clearTimer();
    if (dueMs !== -1 && this.isOn) this.timer = setTimeout(() => void this.now({ full: true }), dueMs).unref();
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
