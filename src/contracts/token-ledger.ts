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
  /** Refused from now on, at every replica within a second. Resolves once this replica refuses it and the store has it, or cannot be had. */
  revoke(digest: string, expiresAtMs: number): Promise<void>;
  /** A login: its first refresh token, ours or the provider's. */
  begin(refreshToken: string, facts: FamilyFacts): Promise<void>;
  use(refreshToken: string): Promise<RefreshUse>;
  /** The family goes on with this token; who uses the old one within 10 s gets that answer. */
  rotated(family: string, from: string, to: string, answer: RefreshAnswer): Promise<void>;
  /** The rotation failed: the old token may be used again. */
  released(family: string, refreshToken: string): Promise<void>;
  /** A logout: no token of the family refreshes any more. */
  end(refreshToken: string): Promise<void>;
  /** Told of digests that were revoked elsewhere, so that caches let go of them. */
  onRevoked(listener: (digest: string) => void): void;
}
export const TOKEN_LEDGER = Symbol('TokenLedger');
