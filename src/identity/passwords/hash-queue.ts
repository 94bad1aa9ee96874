import { unavailable } from '../identity-faults.js';

interface Waiting {
  readonly begin: () => void;
  next: Waiting | null;
}

/**
 * Bounds what is hashed at once: hashes take memory and a core each. Who comes while too many wait is told at once (503). First come,
 * first served.
 */
export class HashQueue {
  private running = 0;
  private first: Waiting | null = null;
  private last: Waiting | null = null;
  waiting = 0;

  constructor(
    private readonly atOnce: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws IdentityFault 503, and what the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.turn();
    try {
      return await work();
    } finally {
      this.done();
    }
  }

  private turn(): Promise<void> | void {
    if (this.running < this.atOnce) {
      this.running++;
      return;
    }
    if (this.waiting >= this.mostWaiting) throw unavailable('too many log in at once');
    this.waiting++;
    return new Promise((begin) => {
      const entry: Waiting = { begin, next: null };
      if (this.last === null) this.first = entry;
      else this.last.next = entry;
      this.last = entry;
    });
  }

  private done(): void {
    const entry = this.first;
    if (entry === null) {
      this.running--;
      return;
    }
    this.first = entry.next;
    if (this.first === null) this.last = null;
    this.waiting--;
    entry.begin();
  }
}
