import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DatabaseOrder, FromDatabase, ToDatabase, WireResult } from './wire.js';

/** An error of Postgres, with the fields that `pg` gives its errors. */
export class DatabaseError extends Error {}

type Ask = ToDatabase extends infer Message ? (Message extends unknown ? Omit<Message, 'id'> : never) : never;

interface Waiting {
  readonly resolve: (results: readonly WireResult[]) => void;
  readonly reject: (error: Error) => void;
}

const WORKER = fileURLToPath(new URL('./pglite.worker.js', import.meta.url));
/** Packed by the build (scripts/bootstrap.mjs); without it the first start of a folder takes some seconds longer. */
const SEED = fileURLToPath(new URL('./empty-database.tar.gz', import.meta.url));

/**
 * The thread in which the embedded Postgres runs. Emits `notification` (channel, payload), and `lost` (Error) when the thread
 * ended by itself: then every question is answered with that error.
 */
export class DatabaseThread extends EventEmitter<{ notification: [string, string]; lost: [Error] }> {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private ended: Error | null = null;

  private constructor(private readonly worker: Worker) {
    super();
    worker.on('message', (message: FromDatabase) => this.take(message));
    worker.on('error', (error) => this.end(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.end(new DatabaseError('The embedded database has ended.')));
  }

  /** @throws Error when the folder cannot be opened */
  static async open(folder: string): Promise<DatabaseThread> {
    const order: DatabaseOrder = { folder, seed: existsSync(SEED) ? SEED : null };
    const worker = new Worker(WORKER, { workerData: order, execArgv: [] });
    const thread = new DatabaseThread(worker);
    const [first] = (await Promise.race([
      once(worker, 'message'),
      once(worker, 'exit').then(() => [{ kind: 'failed', message: 'its thread ended' }]),
    ])) as [FromDatabase];
    if (first.kind === 'open') return thread;
    throw new DatabaseError(first.kind === 'failed' ? first.message : 'its thread said something else');
  }

  ask(question: Ask): Promise<readonly WireResult[]> {
    if (this.ended !== null) return Promise.reject(this.ended);
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ ...question, id });
    });
  }

  async close(): Promise<void> {
    if (this.ended === null) await this.ask({ kind: 'close' }).catch(() => undefined);
    this.ended ??= new DatabaseError('The embedded database is closed.');
    await this.worker.terminate();
  }

  private take(message: FromDatabase): void {
    if (message.kind === 'notification') {
      this.emit('notification', message.channel, message.payload);
      return;
    }
    if (message.kind !== 'result' && message.kind !== 'error') return;
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === 'result') waiting?.resolve(message.results);
    else waiting?.reject(Object.assign(new DatabaseError(message.error.message), message.error));
  }

  private end(error: Error): void {
    const isNews = this.ended === null;
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
    if (isNews) this.emit('lost', error);
  }
}
