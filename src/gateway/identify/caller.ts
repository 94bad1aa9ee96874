import type { SessionOrigin } from '../../contracts/session-origin.js';
import type { AppliedClaims } from './claims/applied-claims.js';
import type { TokenKind } from './token-kind.js';
import type { Claims } from './tokens/checked-token.js';

/** Who calls, by a token or an API key that was checked. Shared by all requests that carry it; never changed. */
export interface Caller {
  readonly kind: TokenKind;
  readonly claims: Claims;
  readonly applied: AppliedClaims;
  readonly expiresAtMs: number;
  /** True for a token of the channel's anonymousToken: nobody who has logged in. */
  readonly isGuest: boolean;
  /** Whose session it is; null: the token names nobody. */
  readonly origin: SessionOrigin | null;
  /** Resolved at the authentication server just now. */
  readonly byApiKey?: true;
  /** Digest by which the token is revoked where it is not its own (twinDigest). */
  readonly twinDigest?: string;
}

/** Of tokens that say no type (spec/identity.md, "Anonymous token"). */
const USER = 'user';
const ANONYMOUS = 'anonymous';

export function callerOf(
  given: Pick<Caller, 'kind' | 'claims' | 'expiresAtMs' | 'isGuest' | 'byApiKey' | 'twinDigest'>,
): Caller {
  const plain = given.kind.claims.apply(given.claims);
  const applied =
    given.isGuest && plain.originId !== null && plain.originType === null ? { ...plain, originType: ANONYMOUS } : plain;
  const { originId, originType } = applied;
  const origin = originId === null ? null : Object.freeze({ type: originType ?? USER, id: originId });
  return Object.freeze({ ...given, applied, origin });
}
