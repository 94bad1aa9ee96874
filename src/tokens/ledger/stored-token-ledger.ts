import type { Log } from '../../components/load-log.js';
import type { Broadcast } from '../../contracts/broadcast.js';
import type { FamilyFacts, RefreshAnswer, RefreshUse, TokenLedger } from '../../contracts/token-ledger.js';
import type { SecretBox } from '../../secrets/secret-box.js';
import type { QueriedDatabase } from '../../storage/bounded-store.js';
import { LedgerStore } from './ledger-store.js';
import { LedgerSweeper } from './ledger-sweeper.js';
import { PendingWrites } from './pending-writes.js';
import { RevocationFeed } from './revocation-feed.js';
import { RevokedDigests } from './revoked-digests.js';
import { isDigest } from './token-digest.js';
import { TokenFamilies } from './token-families.js';

export interface TokenLedgerOptions {
  readonly database: QueriedDatabase;
  /** Other replicas may use the same database. */
  readonly isShared: boolean;
  /** Whether the database may hold something from before the start; one that is not there yet is not made for a look. */
  readonly mayHoldSome: () => boolean;
  readonly box: SecretBox;
  readonly broadcast: Broadcast;
  readonly log: Log;
  readonly now?: () => number;
}

/** A logout, or a stop, waits no longer than that for the store. */
const WRITE_WAIT_MS = 2000;
const LOAD_WAIT_MS = 5000;
/** Logouts that cannot be written are given up after that. */
const LOGOUT_KEPT_MS = 86_400_000;
const SWEEP_MEMORY_MS = 60_000;

/** The ledger in the database of this gateway, with what is revoked in memory. */
export class StoredTokenLedger implements TokenLedger {
  readonly digests: RevokedDigests;
  readonly store: LedgerStore;
  readonly families: TokenFamilies;
  readonly pending: PendingWrites;
  readonly feed: RevocationFeed;
  readonly sweeper: LedgerSweeper;
  private readonly now: () => number;
  private readonly listeners: ((digest: string) => void)[] = [];
  private changeListener: (() => void) | null = null;
  private memoryTimer: NodeJS.Timeout | null = null;

  constructor(private readonly options: TokenLedgerOptions) {
    const { database, box, broadcast, isShared, log } = options;
    this.now = options.now ?? Date.now;
    this.digests = new RevokedDigests(this.now);
    this.store = new LedgerStore(database, () => this.tellProblem());
    this.pending = new PendingWrites(this.store, this.now);
    this.sweeper = new LedgerSweeper(this.store, () => undefined);
    const answered = (): void => this.sweeper.answered();
    this.families = new TokenFamilies({ store: this.store, box, log, answered });
    const revoked = (digest: string): void => this.listeners.forEach((listener) => listener(digest));
    this.feed = new RevocationFeed({ store: this.store, digests: this.digests, broadcast, isShared, log, revoked });
  }

  /** Resolves when what was revoked before is known, or cannot be had soon: then it is read later. */
  async start(): Promise<void> {
    this.feed.listen();
    this.sweeper.start();
    this.memoryTimer = setInterval(() => this.digests.sweep(), SWEEP_MEMORY_MS).unref();
    if (this.options.isShared || this.options.mayHoldSome()) await atMost(LOAD_WAIT_MS, this.feed.load());
  }

  async stop(): Promise<void> {
    if (this.memoryTimer !== null) clearInterval(this.memoryTimer);
    this.sweeper.stop();
    await atMost(WRITE_WAIT_MS, Promise.all([this.pending.stop(), this.feed.stop()]));
  }

  isRevoked(digest: string): boolean {
    this.feed.need();
    return this.digests.has(digest);
  }

  async revoke(digest: string, expiresAtMs: number): Promise<void> {
    if (!isDigest(digest)) throw new Error('A token is revoked by its digest, in base64url of SHA-256.');
    this.need();
    this.feed.add(digest, expiresAtMs);
    const written = this.pending.add({ kind: 'revoke', digest, expiresAtMs });
    await atMost(WRITE_WAIT_MS, Promise.all([this.feed.tell(digest, expiresAtMs), written]));
  }

  async begin(refreshToken: string, facts: FamilyFacts): Promise<void> {
    this.need();
    await this.families.begin(refreshToken, facts);
  }

  use(refreshToken: string): Promise<RefreshUse> {
    this.need();
    return this.families.use(refreshToken);
  }

  rotated(family: string, from: string, to: string, answer: RefreshAnswer): Promise<void> {
    return this.families.rotated(family, from, to, answer);
  }

  released(family: string, refreshToken: string): Promise<void> {
    return this.families.released(family, refreshToken);
  }

  async end(digest: string): Promise<void> {
    if (!isDigest(digest)) throw new Error('A login is ended by the digest of a refresh token.');
    this.need();
    const expiresAtMs = this.now() + LOGOUT_KEPT_MS;
    const written = this.pending.add({ kind: 'end', digest, expiresAtMs });
    await atMost(WRITE_WAIT_MS, written);
  }

  onRevoked(listener: (digest: string) => void): void {
    this.listeners.push(listener);
  }

  /** One listener: told whether the store can be had, whenever that changes. */
  onProblem(listener: (problem: string | null) => void): void {
    this.changeListener = () => listener(this.store.problem);
    this.changeListener();
  }

  private need(): void {
    this.feed.need();
    void this.feed.load();
  }

  private tellProblem(): void {
    const { problem } = this.store;
    const { log } = this.options;
    if (problem === null) log('info', 'The store of tokens can be had again.', {});
    else
      log('warn', 'The store of tokens cannot be had: nobody can log in or refresh, all else is served.', {
        reason: problem,
      });
    this.changeListener?.();
  }
}

/** What takes longer goes on by itself. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
