import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Transferable, Worker } from 'node:worker_threads';
import { type ReadingOrder, TAKEN, type ThreadMessage } from './wire.js';

const workerPath = fileURLToPath(new URL('./read.worker.js', import.meta.url));

/** Only the compiled program has a worker; tests run from sources, and read everything inline. */
export const hasReadingThread = existsSync(workerPath);

/** A thread that carries out one order at a time. It starts with the first order, and has to be closed. */
export class ReadingThread {
  private worker: Worker | null = null;
  private fail: (error: Error) => void = () => {};

  /** @param signal cuts off the order under way, which then fails */
  constructor(private readonly signal: AbortSignal) {}

  /** Gives what comes back to `take`, which must not wait. @throws Error where the thread ends before the order is done */
  async run(
    order: ReadingOrder,
    take: (message: Exclude<ThreadMessage, { kind: 'done' }>) => void,
    transfer: readonly Transferable[] = [],
  ): Promise<void> {
    this.signal.throwIfAborted();
    const worker = (this.worker ??= this.begin());
    const abort = (): void => void worker.terminate();
    this.signal.addEventListener('abort', abort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.fail = reject;
        worker.on('message', (message: ThreadMessage) => {
          if (message.kind === 'done') return resolve();
          take(message);
          // After a turn of the event loop: a batch after the other would be one long pause.
          void setImmediate().then(() => worker.postMessage(TAKEN));
        });
        worker.postMessage(order, transfer);
      });
    } finally {
      this.signal.removeEventListener('abort', abort);
      worker.removeAllListeners('message');
    }
  }

  private begin(): Worker {
    const worker = new Worker(workerPath, { execArgv: [] });
    worker.on('error', (error: Error) => this.fail(error));
    worker.on('exit', (code) => {
      if (this.worker === worker) this.worker = null;
      this.fail(new Error(`The reading thread ended with code ${code}.`));
    });
    return worker;
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
    this.worker = null;
  }
}
