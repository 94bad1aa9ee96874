import type { LimitClock } from '../../src/gateway/limit/gate.js';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Time goes on when a test says so, and its reading may be wrong: timers keep to the time, as those of a machine do. */
export class TestLimitClock implements LimitClock {
  private time: number;
  private error = 0;
  private frozenAt: number | null = null;
  private readonly timers = new Set<Timer>();

  constructor(start = 1_000_000) {
    this.time = start;
  }

  now(): number {
    return this.frozenAt ?? this.time + this.error;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  get timerCount(): number {
    return this.timers.size;
  }

  /** Runs what is due up to then, in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const [next] = [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }

  /** No timer runs in time: as a busy event loop has it. */
  stall(ms: number): void {
    this.time += ms;
  }

  /** Somebody sets the clock. */
  jump(ms: number): void {
    this.error += ms;
  }

  freeze(): void {
    this.frozenAt = this.now();
  }

  thaw(): void {
    this.frozenAt = null;
  }
}
