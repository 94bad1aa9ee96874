export const MOST_KEPT = 1000;
export const KEPT_MS = 60_000;

interface Kept {
  readonly text: string;
  readonly until: number;
}

/** Messages that wait for the way to be free: bounded in number and in time. The oldest go first, and are given up first. */
export class Outbox {
  private kept: Kept[] = [];

  /** @param dropped told why, and how many, when messages are given up */
  constructor(private readonly dropped: (reason: 'full' | 'expired', count: number) => void) {}

  get size(): number {
    return this.kept.length;
  }

  /** @param now ms of a clock that nobody sets back, here and below */
  keep(text: string, now: number): void {
    this.expire(now);
    if (this.kept.length >= MOST_KEPT) {
      this.kept.splice(0, 1);
      this.dropped('full', 1);
    }
    this.kept.push({ text, until: now + KEPT_MS });
  }

  expire(now: number): void {
    const alive = this.kept.findIndex(({ until }) => until > now);
    const gone = alive === -1 ? this.kept.length : alive;
    if (gone === 0) return;
    this.kept.splice(0, gone);
    this.dropped('expired', gone);
  }

  /** Sends what waits, in order, and stops at the first that cannot go: it stays. */
  async flush(send: (text: string) => Promise<void>, now: () => number): Promise<void> {
    for (;;) {
      this.expire(now());
      const next = this.kept[0];
      if (next === undefined) return;
      await send(next.text);
      const index = this.kept.indexOf(next);
      if (index !== -1) this.kept.splice(index, 1);
    }
  }
}
