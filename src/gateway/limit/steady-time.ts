import type { LimitClock } from './gate.js';

/** Node's timers know no longer one. */
const LONGEST_MS = 2_147_483_647;

/**
 * Time that never runs backwards, over a clock that may: from where the clock jumps back to, time goes on as if nothing had been.
 * What was to happen at a time neither comes again nor waits for the clock to get there twice.
 */
export class SteadyTime implements LimitClock {
  private readonly clock: LimitClock;
  private lastRead: number;
  private skipped = 0;
  private latest: number;

  private constructor(clock: LimitClock) {
    this.clock = clock;
    this.lastRead = this.latest = clock.now();
  }

  static of(clock: LimitClock): SteadyTime {
    return clock instanceof SteadyTime ? clock : new SteadyTime(clock);
  }

  now(): number {
    const read = this.clock.now();
    if (read < this.lastRead) this.skipped += this.lastRead - read;
    this.lastRead = read;
    const time = read + this.skipped;
    if (time > this.latest) this.latest = time;
    return this.latest;
  }

  after(ms: number, run: () => void): () => void {
    return this.clock.after(Math.min(LONGEST_MS, Math.max(0, Math.ceil(ms))), run);
  }

  /** A timer says that it is this late: timers run a little early, and also where the clock stands still. */
  reached(time: number): void {
    if (time > this.latest) this.latest = time;
  }
}

/** At most one timer, for whoever has something to do at the next of many times. */
export class SingleTimer {
  private cancel: (() => void) | null = null;
  private dueAt = 0;

  constructor(
    private readonly time: SteadyTime,
    private readonly run: () => void,
  ) {}

  /** Leaves a timer that runs already as it is. */
  startAt(dueAt: number): void {
    if (this.cancel !== null) return;
    const now = this.time.now();
    this.dueAt = Math.min(dueAt, now + LONGEST_MS);
    this.cancel = this.time.after(this.dueAt - now, this.fire);
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private readonly fire = (): void => {
    this.cancel = null;
    this.time.reached(this.dueAt);
    this.run();
  };
}
