/** When a load that failed is tried again: soon at first, then ever more seldom. */
export class RetryDelay {
  private nextMs: number;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {
    this.nextMs = firstMs;
  }

  take(): number {
    const ms = this.nextMs;
    this.nextMs = Math.min(2 * ms, this.longestMs);
    return ms;
  }

  reset(): void {
    this.nextMs = this.firstMs;
  }
}
