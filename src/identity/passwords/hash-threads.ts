import type { Derivation } from './derivation.js';
import { HashThread, StarvedError } from './hash-thread.js';

/** Whoever logs in must not wait for as long as all cores are busy: so long after that, threads do not step back that far. */
const PRESSING_MS = 60_000;

/**
 * Threads that hash, behind those that serve requests. Each begins with the first work that finds none free; one that ended by itself fails
 * its work, and is replaced by the next. Whoever asks bounds how much is under way.
 */
export class HashThreads {
  private readonly free: HashThread[] = [];
  private readonly all = new Set<HashThread>();
  /** Those that are no longer given work, and have not ended yet. */
  private readonly leaving = new Set<Promise<void>>();
  private pressingUntilMs = -Infinity;
  private isClosed = false;

  constructor(private readonly most: number) {}

  /** @throws Error where the thread has ended */
  readonly derive = async (work: Derivation): Promise<Uint8Array> => {
    const thread = this.take();
    try {
      return await thread.derive(work);
    } catch (error) {
      if (!(error instanceof StarvedError) || this.isClosed) throw error;
      this.pressingUntilMs = performance.now() + PRESSING_MS;
      this.dismiss(thread);
      return await this.derive(work);
    } finally {
      if (this.all.has(thread) && !this.isClosed) this.free.push(thread);
    }
  };

  async close(): Promise<void> {
    this.isClosed = true;
    for (const thread of this.all) this.dismiss(thread);
    await Promise.all(this.leaving);
  }

  private take(): HashThread {
    const isIdle = performance.now() >= this.pressingUntilMs;
    for (let thread = this.free.pop(); thread !== undefined; thread = this.free.pop()) {
      if (!this.all.has(thread)) continue;
      if (thread.order.isIdle === isIdle) return thread;
      this.dismiss(thread);
    }
    return this.begin(isIdle);
  }

  private begin(isIdle: boolean): HashThread {
    if (this.isClosed || this.all.size >= this.most) throw new Error('No thread is left that hashes.');
    const thread = new HashThread({ isIdle }, (ended) => this.all.delete(ended));
    this.all.add(thread);
    return thread;
  }

  private dismiss(thread: HashThread): void {
    this.all.delete(thread);
    const leaving = thread.close().finally(() => this.leaving.delete(leaving));
    this.leaving.add(leaving);
  }
}
