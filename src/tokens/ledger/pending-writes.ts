import { END_FAMILIES_OF } from './family-statements.js';
import type { LedgerStore } from './ledger-store.js';
import { REVOKE } from './revocation-statements.js';
import { LEEWAY_MS } from './revoked-digests.js';
import { timestampOf } from './token-digest.js';

export const MOST_PENDING = 10_000;
const BATCH = 500;
const RETRY_MS = 1000;

interface PendingWrite {
  readonly kind: 'revoke' | 'end';
  readonly digest: string;
  /** Nobody misses it after that. */
  readonly expiresAtMs: number;
}

/** Revocations and logouts on their way into the store: together where many come at once, and again where it is away. */
export class PendingWrites {
  /** Given up because too many waited. */
  dropped = 0;
  private readonly waiting = new Map<string, PendingWrite>();
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(
    private readonly store: Pick<LedgerStore, 'rows'>,
    private readonly now: () => number,
    private readonly most = MOST_PENDING,
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  /** Settles when it is written, or a try failed. */
  add(write: PendingWrite): Promise<void> {
    const [oldest] = this.waiting.keys();
    if (oldest !== undefined && this.waiting.size >= this.most) {
      this.waiting.delete(oldest);
      this.dropped++;
    }
    this.waiting.set(`${write.kind} ${write.digest}`, write);
    return this.flush();
  }

  /** Who comes while a try is under way has a part in the next one. */
  flush(): Promise<void> {
    this.next ??= this.running.then(() => {
      this.next = null;
      this.running = this.tryAll();
      return this.running;
    });
    return this.next;
  }

  /** One more try for what waits. */
  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.waiting.size > 0) await this.flush();
  }

  private async tryAll(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    try {
      while (this.waiting.size > 0) await this.writeBatch();
    } catch {
      // The store has told of it.
      if (!this.isStopped) this.timer = setTimeout(() => void this.flush(), RETRY_MS).unref();
    }
  }

  private async writeBatch(): Promise<void> {
    const batch = [...this.waiting.entries()].slice(0, BATCH);
    const writes = batch.map(([, write]) => write).filter(({ expiresAtMs }) => expiresAtMs + LEEWAY_MS > this.now());
    const revoked = writes.filter(({ kind }) => kind === 'revoke');
    const ended = writes.filter(({ kind }) => kind === 'end');
    const digests = revoked.map(({ digest }) => digest);
    const expiries = revoked.map(({ expiresAtMs }) => timestampOf(expiresAtMs));
    if (revoked.length > 0) await this.store.rows(REVOKE, [digests, expiries]);
    if (ended.length > 0) await this.store.rows(END_FAMILIES_OF, [ended.map(({ digest }) => digest)]);
    for (const [key, write] of batch) if (this.waiting.get(key) === write) this.waiting.delete(key);
  }
}
