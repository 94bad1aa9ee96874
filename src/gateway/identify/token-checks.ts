import { callerOf, type Caller } from './caller.js';
import type { TokenKind } from './token-kind.js';
import type { CheckedToken, Claims, TokenFault } from './tokens/checked-token.js';
import { tokenDigest, type VerifiedTokens } from './tokens/verified-tokens.js';

export interface GoodCaller {
  readonly caller: Caller;
  readonly fault: null;
}
export interface NoCaller {
  readonly caller: null;
  readonly fault: TokenFault;
  /** Only of `expired`, where all else is right. */
  readonly expired: { readonly claims: Claims; readonly expiresAtMs: number } | null;
}
export type CheckedCaller = GoodCaller | NoCaller;

const REVOKED: NoCaller = Object.freeze({ caller: null, fault: 'revoked', expired: null });

/** Checks tokens of all kinds, and remembers those that were good until they expire, are revoked or their record changes. */
export class TokenChecks {
  constructor(
    private readonly verified: VerifiedTokens<Caller>,
    /** Epoch ms. */
    private readonly now: () => number,
    /** By tokenDigest. */
    private readonly isRevoked: (digest: string) => boolean,
  ) {}

  /** What is known already; null where it must be checked. */
  known(kind: TokenKind, token: string, isGuest: boolean): Caller | null {
    return this.verified.get(isGuest ? kind.guestKey : kind.key, token);
  }

  /** At once wherever the algorithms allow. Never throws, never rejects. */
  check(kind: TokenKind, token: string, isGuest: boolean): CheckedCaller | Promise<CheckedCaller> {
    const known = this.known(kind, token, isGuest);
    if (known !== null) return { caller: known, fault: null };
    const checked = kind.codec.check(token, this.now());
    if (checked instanceof Promise) return checked.then((late) => this.taken(kind, token, late, isGuest));
    return this.taken(kind, token, checked, isGuest);
  }

  private taken(kind: TokenKind, token: string, checked: CheckedToken, isGuest: boolean): CheckedCaller {
    const { claims, expiresAtMs } = checked;
    if (claims === null || expiresAtMs === null) return { caller: null, fault: faultOf(checked), expired: null };
    if (this.isRevoked(tokenDigest(token))) return REVOKED;
    if (checked.kind === 'bad') return { caller: null, fault: checked.fault, expired: { claims, expiresAtMs } };
    const caller = callerOf({ kind, claims, expiresAtMs, isGuest });
    this.verified.put(isGuest ? kind.guestKey : kind.key, token, caller);
    return { caller, fault: null };
  }
}

function faultOf(checked: CheckedToken): TokenFault {
  return checked.kind === 'bad' ? checked.fault : 'claims';
}
