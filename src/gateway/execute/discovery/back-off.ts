/**
 * When a look that failed is tried again: soon at first, then ever more seldom. Each delay is somewhere in the upper half of
 * its step, so that gateways that lost a registry together do not come back together.
 */
export class BackOff {
  private stepMs: number;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.stepMs = firstMs;
  }

  take(): number {
    const ms = Math.max(this.firstMs, this.stepMs * (0.5 + 0.5 * this.random()));
    this.stepMs = Math.min(2 * this.stepMs, this.longestMs);
    return Math.round(ms);
  }

  reset(): void {
    this.stepMs = this.firstMs;
  }
}
