import type { Broadcast } from '../../contracts/broadcast.js';
import type { Log } from '../../components/load-log.js';
import type { LedgerStore } from './ledger-store.js';
import { REVOKED_SINCE, type RevokedRow } from './revocation-statements.js';
import { MOST_REVOKED, type RevokedDigests } from './revoked-digests.js';
import { isDigest } from './token-digest.js';

const TOPIC = 'revoked';
/** A lost message is made up for within a second. */
const LOOK_MS = 750;
const LOOK_AFTER_FAILURE_MS = 1000;
/** A row may become visible some moments after its time; now and then, and after a gap, more is asked for. */
const OVERLAP = '3 seconds';
const WIDE_OVERLAP = '60 seconds';
const WIDE_EVERY_LOOKS = 40;
const LOAD_ANSWER_MS = 20_000;

export interface RevocationFeedParts {
  readonly store: Pick<LedgerStore, 'rows'>;
  readonly digests: RevokedDigests;
  readonly broadcast: Broadcast;
  readonly log: Log;
  /** Others may write into the same database. */
  readonly isShared: boolean;
  /** Told of each digest that is new here. */
  readonly revoked: (digest: string) => void;
}

/** What was revoked elsewhere: told at once over the broadcast, and read from the store, which misses nothing. */
export class RevocationFeed {
  /** More are revoked than are kept here, and that was told. */
  private isIncomplete = false;
  /** The database's clock at the last look. */
  private lookedAt: string | null = null;
  private looking: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private looks = 0;
  private isNeeded = false;
  private isStopped = false;
  private readonly ends: (() => void)[] = [];

  constructor(private readonly parts: RevocationFeedParts) {}

  listen(): void {
    const { broadcast } = this.parts;
    this.ends.push(
      broadcast.subscribe(TOPIC, ({ digest, expiresAtMs }) => {
        if (isDigest(digest) && typeof expiresAtMs === 'number') this.add(digest, expiresAtMs);
      }),
      broadcast.onGap(() => {
        this.looks = 0;
        if (this.lookedAt !== null) void this.look();
      }),
    );
  }

  /** Tells the others. */
  async tell(digest: string, expiresAtMs: number): Promise<void> {
    await this.parts.broadcast.publish(TOPIC, { digest, expiresAtMs }).catch(() => undefined);
  }

  add(digest: string, expiresAtMs: number): void {
    const { digests, revoked } = this.parts;
    if (digests.add(digest, expiresAtMs)) revoked(digest);
    if (digests.evicted > 0) this.tellIncomplete();
  }

  /** Reads what stands in the store; settles when it is read, or a try failed, which is made again by itself. */
  load(): Promise<void> {
    return this.lookedAt === null ? this.look() : Promise.resolve();
  }

  /** Tokens are in use here: from now on the store is looked at all the time. */
  need(): void {
    if (this.isNeeded) return;
    this.isNeeded = true;
    if (this.parts.isShared && this.lookedAt !== null) void this.look();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    for (const end of this.ends.splice(0)) end();
    await this.looking;
  }

  private look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = null));
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    if (this.isStopped) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    try {
      await this.read();
      if (this.isNeeded && this.parts.isShared) this.later(LOOK_MS);
    } catch {
      // The store has told of it; what came before it went is asked for with the next look.
      this.looks = 0;
      this.later(LOOK_AFTER_FAILURE_MS);
    }
  }

  private async read(): Promise<void> {
    const overlap = this.looks++ % WIDE_EVERY_LOOKS === 0 ? WIDE_OVERLAP : OVERLAP;
    const rows = await this.parts.store.rows<RevokedRow>(REVOKED_SINCE, [this.lookedAt, overlap], LOAD_ANSWER_MS);
    if (rows.length > MOST_REVOKED) this.tellIncomplete();
    // The oldest first, so that they are the first to go.
    for (const { digest, expires_ms } of rows.slice(0, MOST_REVOKED).reverse())
      if (digest !== null && expires_ms !== null) this.add(digest, expires_ms);
    this.lookedAt = rows[0]?.at ?? this.lookedAt;
  }

  private tellIncomplete(): void {
    if (this.isIncomplete) return;
    this.isIncomplete = true;
    this.parts.log('warn', 'More tokens are revoked than are kept in memory: the oldest are not refused.', {
      kept: MOST_REVOKED,
    });
  }

  private later(ms: number): void {
    if (this.isStopped || this.timer !== null) return;
    this.timer = setTimeout(() => void this.look(), ms).unref();
  }
}
