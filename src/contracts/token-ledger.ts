/** The store of the ledger cannot be had now, or the rotation was lost to another: who called may try again (503). */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable';
}

/** The login has ended meanwhile: nothing of it may go out. */
export class LoginEnded extends LedgerUnavailable {}

/** What a refresh of a family gave, as every user of its old refresh token gets it. */
export interface RefreshAnswer {
  /** JSON text of what the client got. */
  readonly body: string;
}

export type RefreshUse =
  /** It is the newest of its family: this caller alone may rotate it, and must call `rotated` or `released`. */
  | { readonly kind: 'current'; readonly family: string; readonly facts: FamilyFacts }
  /** It was rotated within the last 10 s (two tabs, a timer and a 401), here or at another replica: the same answer again. */
  | { readonly kind: 'repeated'; readonly answer: RefreshAnswer }
  /** It was rotated before that, or its family is over: the whole family is revoked now. */
  | { readonly kind: 'reused' }
  /** Nobody knows it, or it has expired. */
  | { readonly kind: 'unknown' };

/** What a login says of all tokens that come from it. */
export interface FamilyFacts {
  /** Id of the token record. */
  readonly tokenKind: string;
  /** Epoch ms of the login, and when no refresh is possible any more. */
  readonly begunAtMs: number;
  readonly endsAtMs: number;
  /** Small JSON of the flow: claims that new tokens are issued from, where the provider has none. Sealed at rest. */
  readonly content: string;
}

/**
 * Refresh tokens by family, and gateway tokens that were revoked: shared by all replicas, surviving a restart, bounded. Only digests
 * of tokens are kept; answers and contents are encrypted.
 */
export interface TokenLedger {
  /** Whether this token (its digest, base64url of SHA-256) was revoked: from memory, at once. */
  isRevoked(digest: string): boolean;
  /**
   * Refused from now on, at every replica within a second. It is forgotten after `expiresAtMs`: the moment from which nobody accepts the
   * token, its grace included. Resolves once this replica refuses it and the store has it, or cannot be had: then it is
   * written later.
   */
  revoke(digest: string, expiresAtMs: number): Promise<void>;
  /** A login: its first refresh token, ours or the provider's. @throws LedgerUnavailable */
  begin(refreshToken: string, facts: FamilyFacts): Promise<void>;
  /** Waits for 3 s where another rotates the token right now. @throws LedgerUnavailable */
  use(refreshToken: string): Promise<RefreshUse>;
  /**
   * The family goes on with this token; who uses the old one within 10 s gets that answer. Where `to` is `from` (some providers
   * never rotate) the token goes on alone.
   * @throws LedgerUnavailable; LoginEnded where the family has ended meanwhile or another has rotated the token: the answer must not go out
   */
  rotated(family: string, from: string, to: string, answer: RefreshAnswer): Promise<void>;
  /** The rotation failed: the old token may be used again. Where the store is away that is so after 15 s. */
  released(family: string, refreshToken: string): Promise<void>;
  /**
   * A logout: no token of the family refreshes any more. Where the store is away it is written later.
   * @param digest of any refresh token of the family
   */
  end(digest: string): Promise<void>;
  /** Told of each digest once, wherever it was revoked, so that caches let go of them. */
  onRevoked(listener: (digest: string) => void): void;
}
export const TOKEN_LEDGER = Symbol('TokenLedger');
