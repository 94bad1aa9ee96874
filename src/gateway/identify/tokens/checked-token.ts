/** Why a token is refused: for log and metrics. Clients get `expired token` for `expired` and `invalid token` for all else. */
export const TOKEN_FAULTS = [
  'too_long',
  'malformed',
  'type',
  'algorithm',
  'key',
  'signature',
  'decryption',
  'issuer',
  'audience',
  'bound',
  'no_expiry',
  'expired',
  'not_yet_valid',
  'claims',
  'revoked',
] as const;
export type TokenFault = (typeof TOKEN_FAULTS)[number];

export type Claims = Readonly<Record<string, unknown>>;

/** A token that is ours, in force. It may be shared by many requests: nobody writes to its claims. */
export interface GoodToken {
  readonly kind: 'good';
  readonly claims: Claims;
  /** As the token says; it is served for CLOCK_LEEWAY_MS longer. */
  readonly expiresAtMs: number;
  readonly issuedAtMs: number | null;
}
export interface BadToken {
  readonly kind: 'bad';
  readonly fault: TokenFault;
  /** Only of `expired`, where all else is right: for the grace period and for refresh. */
  readonly claims: Claims | null;
  readonly expiresAtMs: number | null;
}
export type CheckedToken = GoodToken | BadToken;

/** A step that came to an end without a value. */
export type Refused = BadToken;

const REFUSALS = Object.fromEntries(
  TOKEN_FAULTS.map((fault) => [fault, Object.freeze({ kind: 'bad', fault, claims: null, expiresAtMs: null })]),
) as Readonly<Record<TokenFault, BadToken>>;

/** Made once each: refusing is the cheapest thing that we do. */
export function refused(fault: Exclude<TokenFault, 'expired'>): Refused {
  return REFUSALS[fault];
}

/** Reads, checks and makes the tokens of one kind. Holds keys, no state of a request. */
export interface TokenCodec {
  /** At once for all that is signed only; a promise where something is to be decrypted. Never throws, never rejects. */
  check(token: string, nowMs: number): CheckedToken | Promise<CheckedToken>;
  /**
   * Signs and encrypts as the record says, with the first keys. Adds exp, iat, jti, iss and aud, whatever the claims say there.
   * @throws TokenTooLongError where we would refuse it ourselves
   */
  issue(claims: Claims, life: { readonly nowMs: number; readonly lifeSeconds: number }): Promise<string>;
  /** Digest of all that a check depends on: equal keys check alike. */
  readonly key: string;
}

/** Something in a record that is wrong, or unwise; never with a secret in it. */
export interface CodecFault {
  /** JSON pointer into the record: `/signingSecret`. */
  readonly pointer: string;
  readonly message: string;
}

/** Longer ones are refused unread (spec/identity.md: 8 KiB). */
export const MAX_TOKEN_LENGTH = 8192;

/** The claims do not fit into a token that we would accept. */
export class TokenTooLongError extends Error {
  constructor(readonly length: number) {
    super(`a token of ${length} bytes is longer than the ${MAX_TOKEN_LENGTH} that we accept`);
    this.name = 'TokenTooLongError';
  }
}
