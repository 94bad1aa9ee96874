import { callerOf, type Caller } from './caller.js';
import type { TokenKind } from './token-kind.js';
import { MAX_TOKEN_LENGTH, type CheckedToken, type Claims, type TokenFault } from './tokens/checked-token.js';
import { CLOCK_LEEWAY_MS } from './tokens/claim-rules.js';
import { Doorkeeper } from './tokens/doorkeeper.js';
import { tokenDigest, VerifiedTokens } from './tokens/verified-tokens.js';

export interface GoodCaller {
  readonly caller: Caller;
  readonly fault: null;
}
export interface ExpiredToken {
  readonly claims: Claims;
  readonly expiresAtMs: number;
}
export interface NoCaller {
  readonly caller: null;
  readonly fault: TokenFault;
  /** Only of `expired`, where all else is right. */
  readonly expired: ExpiredToken | null;
}
export type CheckedCaller = GoodCaller | NoCaller;

const REVOKED: NoCaller = Object.freeze({ caller: null, fault: 'revoked', expired: null });
/** Bad tokens that are remembered, and for how long: a client whose token was never good sends it again and again. */
const MOST_BAD = 4096;
const BAD_MS = 10_000;

interface KnownBad {
  readonly refused: NoCaller;
  readonly expiresAtMs: number;
}

/** Checks tokens of all kinds, and remembers those that were good until they expire, are revoked or their record changes. */
export class TokenChecks {
  private readonly bad: VerifiedTokens<KnownBad>;
  private readonly doorkeeper = new Doorkeeper();

  constructor(
    private readonly verified: VerifiedTokens<Caller>,
    /** Epoch ms. */
    private readonly now: () => number,
    /** By tokenDigest. */
    private readonly isRevoked: (digest: string) => boolean,
  ) {
    this.bad = new VerifiedTokens(MOST_BAD, now);
  }

  /** What is known already; null where it must be checked. */
  known(kind: TokenKind, token: string, isGuest: boolean): Caller | null {
    return this.verified.get(isGuest ? kind.guestKey : kind.key, token);
  }

  /** At once wherever the algorithms allow. Never throws, never rejects. */
  check(kind: TokenKind, token: string, isGuest: boolean): CheckedCaller | Promise<CheckedCaller> {
    const known = this.known(kind, token, isGuest);
    if (known !== null) return { caller: known, fault: null };
    const bad = this.bad.get(kind.key, token);
    if (bad !== null) return bad.refused;
    const checked = kind.codec.check(token, this.now());
    if (checked instanceof Promise) return checked.then((late) => this.taken(kind, token, late, isGuest));
    return this.taken(kind, token, checked, isGuest);
  }

  private taken(kind: TokenKind, token: string, checked: CheckedToken, isGuest: boolean): CheckedCaller {
    const { claims, expiresAtMs } = checked;
    if (claims === null || expiresAtMs === null) return this.refused(kind, token, faultOf(checked));
    if (this.isRevoked(tokenDigest(token))) return REVOKED;
    if (checked.kind === 'bad') return { caller: null, fault: checked.fault, expired: { claims, expiresAtMs } };
    const caller = callerOf({ kind, claims, expiresAtMs, isGuest });
    if (this.doorkeeper.hasMet(tokenDigest(token)))
      this.verified.put(isGuest ? kind.guestKey : kind.key, token, caller);
    return { caller, fault: null };
  }

  private refused(kind: TokenKind, token: string, fault: TokenFault): NoCaller {
    const refused: NoCaller = { caller: null, fault, expired: null };
    // A clock makes a token good that is not yet valid.
    if (fault !== 'not_yet_valid' && token.length <= MAX_TOKEN_LENGTH && this.doorkeeper.hasMet(tokenDigest(token)))
      this.bad.put(kind.key, token, { refused, expiresAtMs: this.now() + BAD_MS - CLOCK_LEEWAY_MS });
    return refused;
  }
}

function faultOf(checked: CheckedToken): TokenFault {
  return checked.kind === 'bad' ? checked.fault : 'claims';
}
