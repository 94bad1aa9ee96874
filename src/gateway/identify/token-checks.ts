import type { Caller } from './caller.js';
import type { TokenKind } from './token-kind.js';
import type { CheckedToken, TokenFault } from './tokens/checked-token.js';
import type { VerifiedTokens } from './tokens/verified-tokens.js';

export type CheckedCaller =
  { readonly caller: Caller; readonly fault: null } | { readonly caller: null; readonly fault: TokenFault };

/** Checks tokens of all kinds, and remembers those that were good until they expire, are revoked or their record changes. */
export class TokenChecks {
  constructor(
    private readonly verified: VerifiedTokens<Caller>,
    /** Epoch ms. */
    private readonly now: () => number,
  ) {}

  /** What is known already; null where it must be checked. */
  known(kind: TokenKind, token: string): Caller | null {
    return this.verified.get(kind.key, token);
  }

  /** At once wherever the algorithms allow. Never throws, never rejects. */
  check(kind: TokenKind, token: string, isGuest: boolean): CheckedCaller | Promise<CheckedCaller> {
    const known = this.verified.get(kind.key, token);
    if (known !== null) return { caller: known, fault: null };
    const checked = kind.codec.check(token, this.now());
    if (checked instanceof Promise) return checked.then((late) => this.taken(kind, token, late, isGuest));
    return this.taken(kind, token, checked, isGuest);
  }

  private taken(kind: TokenKind, token: string, checked: CheckedToken, isGuest: boolean): CheckedCaller {
    if (checked.kind === 'bad') return { caller: null, fault: checked.fault };
    const { claims, expiresAtMs } = checked;
    const caller: Caller = Object.freeze({ kind, claims, applied: kind.claims.apply(claims), expiresAtMs, isGuest });
    this.verified.put(kind.key, token, caller);
    return { caller, fault: null };
  }
}
