import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Derivation } from './derivation.js';

/** What a thread is started with. */
export interface HashThreadOrder {
  /** Whether it runs only where a core has nothing else to do. */
  readonly isIdle: boolean;
}
export type FromHashThread =
  /** Its id for the kernel where it is in the idle class, else null. */
  | { readonly kind: 'ready'; readonly idleThread: number | null }
  | { readonly kind: 'tag'; readonly id: number; readonly tag: Uint8Array }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

interface Waiting {
  readonly resolve: (tag: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

const WORKER = fileURLToPath(new URL('./hash.worker.js', import.meta.url));
/** How often a thread of the idle class that has work is looked at, and what part of the time it must have had a core. */
const LOOK_MS = 150;
const LEAST_SHARE = 0.1;

/** The thread has work, and gets no core. */
export class StarvedError extends Error {}

/** One thread that hashes. Fails its work when it ends by itself, and with StarvedError while all cores have better things to do. */
export class HashThread {
  private hasEnded = false;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private idleThread: number | null = null;
  private look: NodeJS.Timeout | null = null;

  constructor(
    readonly order: HashThreadOrder,
    private readonly ended: (thread: HashThread) => void,
  ) {
    this.worker = new Worker(WORKER, { execArgv: [], workerData: order });
    // It keeps no process alive.
    this.worker.unref();
    this.worker.on('message', (message: FromHashThread) => this.take(message));
    this.worker.on('error', (error) => this.end(error instanceof Error ? error : new Error(String(error))));
    this.worker.on('exit', () => this.end(new Error('A thread that hashes has ended.')));
  }

  derive(work: Derivation): Promise<Uint8Array> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, work });
      this.watch();
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private take(message: FromHashThread): void {
    if (message.kind === 'ready') {
      this.idleThread = message.idleThread;
      this.watch();
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (this.waiting.size === 0) this.unwatch();
    if (message.kind === 'tag') waiting?.resolve(message.tag);
    else waiting?.reject(new Error(message.message));
  }

  private watch(): void {
    if (this.idleThread === null || this.waiting.size === 0 || this.look !== null) return;
    // Most work is done before the first look.
    let before: number | null = null;
    this.look = setInterval(() => {
      const now = ranMs(this.idleThread!);
      if (before !== null && now - before < LOOK_MS * LEAST_SHARE)
        this.fail(new StarvedError('No core is free to hash.'));
      before = now;
    }, LOOK_MS).unref();
  }

  private unwatch(): void {
    if (this.look !== null) clearInterval(this.look);
    this.look = null;
  }

  private fail(error: Error): void {
    this.unwatch();
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private end(error: Error): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.fail(error);
    this.ended(this);
  }
}

/** How long a thread of this process has had a core, in ms; endless where the kernel does not say. */
function ranMs(thread: number): number {
  try {
    return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]) / 1e6;
  } catch {
    return Infinity;
  }
}
