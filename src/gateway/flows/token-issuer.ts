import { randomBytes } from 'node:crypto';
import { LedgerUnavailable, type FamilyFacts, type TokenLedger } from '../../contracts/token-ledger.js';
import { callerOf, type Caller } from '../identify/caller.js';
import type { ProviderTokens } from '../identify/provider/provider-answer.js';
import type { TokenKind } from '../identify/token-kind.js';
import { CARRIED_CLAIM, LOGIN_CLAIM, LOGIN_TIME_CLAIM } from '../identify/tokens/carried-tokens.js';
import type { Claims } from '../identify/tokens/checked-token.js';
import { tokenDigest } from '../identify/tokens/verified-tokens.js';

/** What a client gets of a login or refresh. */
export interface FlowTokens {
  readonly token: string;
  readonly lifeSeconds: number;
  readonly refreshToken: string | null;
  readonly refreshSeconds: number | null;
}

/** A login as its refresh tokens know it, as JSON in the ledger. */
export interface Login {
  /** True where the refresh token is ours: the authentication server gives none. */
  readonly isOwn: boolean;
  /** Claims that new tokens are issued from where nobody tells new ones. */
  readonly claims: Claims;
  readonly remembers: boolean;
}

export interface IssueOrder {
  readonly kind: TokenKind;
  readonly claims: Claims;
  /** The authentication server's; null: it gave none. */
  readonly tokens: ProviderTokens | null;
  readonly remembers: boolean;
  /** Epoch ms. */
  readonly loginAtMs: number;
}

/** Marks refresh tokens of ours: no authentication server is asked about one. */
const OWN_PREFIX = 'sluice-';
const DAY_SECONDS = 86_400;

export function isOwnRefreshToken(token: string): boolean {
  return token.startsWith(OWN_PREFIX);
}

interface RefreshToken {
  readonly token: string;
  readonly endsAtMs: number;
  readonly isOwn: boolean;
}

/** What was made, and not yet entered anywhere. */
export interface Issued {
  readonly tokens: FlowTokens;
  readonly caller: Caller;
  readonly facts: FamilyFacts | null;
}

/** Makes gateway tokens of what a flow has found out, and enters logins into the ledger. */
export class TokenIssuer {
  constructor(
    private readonly ledger: TokenLedger,
    /** Epoch ms. */
    private readonly now: () => number,
  ) {}

  /** How long after its login a token may be refreshed without the authentication server's refresh tokens. */
  refreshableTill(kind: TokenKind, loginAtMs: number): number {
    return loginAtMs + (kind.longLifeSeconds ?? DAY_SECONDS) * 1000;
  }

  /** @throws TokenTooLongError where the claims are more than a token holds */
  async make(order: IssueOrder): Promise<Issued> {
    const { kind, tokens, loginAtMs, remembers } = order;
    const nowMs = this.now();
    const refresh = this.refreshTokenOf(order, nowMs);
    const claims: Claims = {
      ...order.claims,
      [LOGIN_TIME_CLAIM]: Math.floor(loginAtMs / 1000),
      ...(refresh !== null && { [LOGIN_CLAIM]: tokenDigest(refresh.token) }),
      ...(tokens !== null && kind.carrier !== null && { [CARRIED_CLAIM]: kind.carrier.claim(tokens) }),
    };
    const { lifeSeconds } = kind;
    const token = await kind.codec.issue(claims, { nowMs, lifeSeconds });
    const caller = callerOf({ kind, claims, expiresAtMs: nowMs + lifeSeconds * 1000, isGuest: false });
    if (refresh === null) return { tokens: withoutRefresh(token, lifeSeconds), caller, facts: null };
    const { isOwn, endsAtMs, token: refreshToken } = refresh;
    const login: Login = { isOwn, claims: order.claims, remembers };
    const refreshSeconds = Math.max(1, Math.round((endsAtMs - nowMs) / 1000));
    return {
      tokens: { token, lifeSeconds, refreshToken, refreshSeconds },
      caller,
      facts: { tokenKind: kind.id, begunAtMs: loginAtMs, endsAtMs, content: JSON.stringify(login) },
    };
  }

  /**
   * Enters a login. Where the store is away the client has its token all the same; a refresh token of ours, which nobody would know, is
   * taken back.
   */
  async begin({ tokens, facts }: Issued): Promise<FlowTokens> {
    if (facts === null) return tokens;
    try {
      await this.ledger.begin(tokens.refreshToken!, facts);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      if (isOwnRefreshToken(tokens.refreshToken!)) return withoutRefresh(tokens.token, tokens.lifeSeconds);
    }
    return tokens;
  }

  /** The authentication server's, else one of ours; null: the login is too long ago to be refreshed again. */
  private refreshTokenOf(order: IssueOrder, nowMs: number): RefreshToken | null {
    const { tokens } = order;
    if (tokens !== null && tokens.refreshToken !== null) {
      const lifeSeconds =
        tokens.refreshExpiresInSeconds ?? (order.remembers ? order.kind.longLifeSeconds : null) ?? DAY_SECONDS;
      return { token: tokens.refreshToken, endsAtMs: nowMs + lifeSeconds * 1000, isOwn: false };
    }
    const endsAtMs = this.ownEndsAt(order);
    if (endsAtMs <= nowMs) return null;
    return { token: OWN_PREFIX + randomBytes(32).toString('base64url'), endsAtMs, isOwn: true };
  }

  private ownEndsAt({ kind, loginAtMs, remembers }: IssueOrder): number {
    const most = this.refreshableTill(kind, loginAtMs);
    return remembers ? most : Math.min(most, loginAtMs + DAY_SECONDS * 1000);
  }
}

function withoutRefresh(token: string, lifeSeconds: number): FlowTokens {
  return { token, lifeSeconds, refreshToken: null, refreshSeconds: null };
}
