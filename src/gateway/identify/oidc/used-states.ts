/** Logins that are over, until nobody could finish them any more. Past the bound the oldest go; the ledger knows them still. */
export class UsedStates {
  /** Digest → epoch ms of its end, in the order in which they were used. */
  private readonly ends = new Map<string, number>();

  constructor(
    /** Epoch ms. */
    private readonly now: () => number,
    private readonly most = 10_000,
  ) {}

  get size(): number {
    return this.ends.size;
  }

  /** True for the first who comes. */
  take(digest: string, endsAtMs: number): boolean {
    this.sweep();
    if (this.ends.has(digest)) return false;
    this.ends.set(digest, endsAtMs);
    return true;
  }

  /** What was used first ends first, or nearly so: what stays behind a later one goes with it. */
  private sweep(): void {
    for (const [digest, endsAtMs] of this.ends) {
      if (endsAtMs > this.now() && this.ends.size < this.most) return;
      this.ends.delete(digest);
    }
  }
}
