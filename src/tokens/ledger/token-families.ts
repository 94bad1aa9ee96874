import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../components/load-log.js';
import {
  LedgerUnavailable,
  LoginEnded,
  type FamilyFacts,
  type RefreshAnswer,
  type RefreshUse,
} from '../../contracts/token-ledger.js';
import { type SecretBox, UnopenableSeal } from '../../secrets/secret-box.js';
import { answerContext, contentContext } from './family-seals.js';
import * as sql from './family-statements.js';
import type { LedgerStore } from './ledger-store.js';
import { timestampOf, tokenDigest } from './token-digest.js';

/** How long one waits for another who rotates the same token, how often it looks, and how many may wait at once. */
const WAIT_MS = 3000;
const LOOK_MS = 60;
const MOST_WAITING = 500;

export interface TokenFamiliesParts {
  readonly store: Pick<LedgerStore, 'rows'>;
  readonly box: SecretBox;
  readonly log: Log;
  /** An answer was stored. */
  readonly answered: () => void;
}

const UNKNOWN: RefreshUse = Object.freeze({ kind: 'unknown' });
const REUSED: RefreshUse = Object.freeze({ kind: 'reused' });

/** Logins and the refresh tokens that come from them. Nothing of it is kept in memory. */
export class TokenFamilies {
  /** Families that ended because an old token was used. */
  reused = 0;
  private waiting = 0;

  constructor(private readonly parts: TokenFamiliesParts) {}

  async begin(refreshToken: string, { tokenKind, begunAtMs, endsAtMs, content }: FamilyFacts): Promise<void> {
    const id = randomUUID();
    const sealed = this.parts.box.seal(content, contentContext(id));
    const times = [begunAtMs, endsAtMs].map(timestampOf);
    await this.parts.store.rows(sql.BEGIN, [id, tokenKind, ...times, sealed, tokenDigest(refreshToken)]);
  }

  async use(refreshToken: string): Promise<RefreshUse> {
    const digest = tokenDigest(refreshToken);
    const first = await this.tryUse(digest);
    if (first !== null) return first;
    if (this.waiting >= MOST_WAITING) throw new LedgerUnavailable('Too many wait for a refresh that is under way.');
    this.waiting++;
    try {
      return await this.waitFor(digest);
    } finally {
      this.waiting--;
    }
  }

  async rotated(family: string, from: string, to: string, answer: RefreshAnswer): Promise<void> {
    const [digest, next] = [tokenDigest(from), tokenDigest(to)];
    const rows =
      digest === next
        ? await this.parts.store.rows(sql.RELEASE, [digest, family])
        : await this.parts.store.rows(sql.ROTATE, [
            digest,
            family,
            this.parts.box.seal(answer.body, answerContext(digest)),
            next,
          ]);
    if (rows.length === 0) throw new LoginEnded('The login has ended, or another has rotated its token.');
    if (digest !== next) this.parts.answered();
  }

  /** Where that fails the claim runs out by itself. */
  async released(family: string, refreshToken: string): Promise<void> {
    await this.parts.store.rows(sql.RELEASE, [tokenDigest(refreshToken), family]).catch(() => undefined);
  }

  private async waitFor(digest: string): Promise<RefreshUse> {
    for (const endsAt = performance.now() + WAIT_MS; performance.now() < endsAt;) {
      await delay(LOOK_MS);
      const use = await this.tryUse(digest);
      if (use !== null) return use;
    }
    throw new LedgerUnavailable('Another refresh of this login has been under way for too long.');
  }

  /** Null while another rotates it. */
  private async tryUse(digest: string): Promise<RefreshUse | null> {
    const [claimed] = await this.parts.store.rows<sql.ClaimedRow>(sql.CLAIM_TOKEN, [digest]);
    if (claimed !== undefined) return this.current(claimed);
    const [standing] = await this.parts.store.rows<sql.StandingRow>(sql.STANDING, [digest]);
    if (standing === undefined || standing.has_expired) return UNKNOWN;
    if (standing.is_over) return REUSED;
    if (!standing.is_rotated) return null;
    if (!standing.is_recent) return this.revokeFamily(standing.family);
    const body = this.opened(standing.answer_sealed ?? '', answerContext(digest));
    return body === null ? UNKNOWN : { kind: 'repeated', answer: { body } };
  }

  private current(row: sql.ClaimedRow): RefreshUse {
    const content = this.opened(row.content_sealed, contentContext(row.family));
    if (content === null) return UNKNOWN;
    const facts = { tokenKind: row.token_kind, begunAtMs: row.begun_ms, endsAtMs: row.ends_ms, content };
    return { kind: 'current', family: row.family, facts };
  }

  private async revokeFamily(family: string): Promise<RefreshUse> {
    const ended = await this.parts.store.rows(sql.END_FAMILY, [family]);
    if (ended.length > 0) {
      this.reused++;
      this.parts.log('warn', 'A refresh token came again after it had been exchanged: its login is over.', { family });
    }
    return REUSED;
  }

  /** Null where the key that sealed it is gone: whoever has the token logs in again. */
  private opened(sealed: string, context: string): string | null {
    try {
      return this.parts.box.open(sealed, context);
    } catch (error) {
      if (!(error instanceof UnopenableSeal)) throw error;
      this.parts.log('warn', 'A login cannot be refreshed: what is stored of it cannot be opened.', {
        reason: error.message,
      });
      return null;
    }
  }
}
