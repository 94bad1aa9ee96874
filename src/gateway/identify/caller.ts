import type { AppliedClaims } from './claims/applied-claims.js';
import type { TokenKind } from './token-kind.js';

/** Who calls, by a token that was checked. Shared by all requests that carry the token; never changed. */
export interface Caller {
  readonly kind: TokenKind;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly applied: AppliedClaims;
  readonly expiresAtMs: number;
  /** True for a token of the channel's anonymousToken: nobody who has logged in. */
  readonly isGuest: boolean;
}
