const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/** Whether a server that failed may be asked again: after 1 s, then twice as long each time, 30 s at most. Takes a steady clock. */
export class BackOff {
  private waitMs = 0;
  private untilMs = -Infinity;

  /** False from the first success on. */
  get isAway(): boolean {
    return this.waitMs > 0;
  }

  mayAsk(nowMs: number): boolean {
    return nowMs >= this.untilMs;
  }

  msLeft(nowMs: number): number {
    return Math.max(0, this.untilMs - nowMs);
  }

  failed(nowMs: number): void {
    // Of calls that went out together only the first counts.
    if (!this.mayAsk(nowMs)) return;
    this.waitMs = this.isAway ? Math.min(LONGEST_MS, this.waitMs * 2) : FIRST_MS;
    this.untilMs = nowMs + this.waitMs;
  }

  worked(): void {
    this.waitMs = 0;
    this.untilMs = -Infinity;
  }
}
