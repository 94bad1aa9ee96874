import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Derivation } from './derivation.js';

interface Answer {
  readonly id: number;
  readonly tag?: Uint8Array;
  readonly message?: string;
}
interface Waiting {
  readonly resolve: (tag: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

const WORKER = fileURLToPath(new URL('./hash.worker.js', import.meta.url));

/**
 * Threads that hash, below the priority of requests. Each begins with the first work that finds none idle; one that ended by itself fails
 * its work, and is replaced by the next. Whoever asks bounds how much is under way.
 */
export class HashThreads {
  private readonly idle: HashThread[] = [];
  private readonly all = new Set<HashThread>();
  private isClosed = false;

  constructor(private readonly most: number) {}

  /** @throws Error where the thread has ended */
  readonly derive = async (work: Derivation): Promise<Uint8Array> => {
    const thread = this.idle.pop() ?? this.begin();
    try {
      return await thread.derive(work);
    } finally {
      if (!thread.hasEnded && !this.isClosed) this.idle.push(thread);
    }
  };

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.all].map((thread) => thread.close()));
  }

  private begin(): HashThread {
    if (this.isClosed || this.all.size >= this.most) throw new Error('No thread is left that hashes.');
    const thread = new HashThread((ended) => this.all.delete(ended));
    this.all.add(thread);
    return thread;
  }
}

class HashThread {
  hasEnded = false;
  private readonly worker = new Worker(WORKER, { execArgv: [] });
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(private readonly ended: (thread: HashThread) => void) {
    // It keeps no process alive.
    this.worker.unref();
    this.worker.on('message', (answer: Answer) => this.take(answer));
    this.worker.on('error', (error) => this.end(error instanceof Error ? error : new Error(String(error))));
    this.worker.on('exit', () => this.end(new Error('A thread that hashes has ended.')));
  }

  derive(work: Derivation): Promise<Uint8Array> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, work });
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private take({ id, tag, message = '' }: Answer): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (tag === undefined) waiting?.reject(new Error(message));
    else waiting?.resolve(tag);
  }

  private end(error: Error): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    this.ended(this);
  }
}
