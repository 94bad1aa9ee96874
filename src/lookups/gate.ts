/** Lets so many pieces of work run at once; the others wait in turn. Whoever calls bounds how many there are. */
export class Gate {
  private readonly waiting = new Set<() => void>();
  private running = 0;

  constructor(private readonly most: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.most) await new Promise<void>((resolve) => this.waiting.add(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** The place goes to the one that has waited longest. */
  private leave(): void {
    for (const next of this.waiting) {
      this.waiting.delete(next);
      next();
      return;
    }
    this.running -= 1;
  }
}
