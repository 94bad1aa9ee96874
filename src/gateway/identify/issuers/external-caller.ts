import { callerOf, type Caller } from '../caller.js';
import { namesUser } from '../keys/key-caller.js';
import type { TokenKind } from '../token-kind.js';
import type { Claims, GoodToken } from '../tokens/checked-token.js';
import type { ExternalRules } from './external-rules.js';

/** Tokens of an external issuer that count as those of a kind. */
export interface ExternalTokens extends ExternalRules {
  /** What callers by such a token are of: the record's kind, with claims of its own and nothing of a login. */
  readonly kind: TokenKind;
}

/** What a claim of that name reads: nobody sets it, a record's claim neither. */
const REGISTERED = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti'];

/** Who comes with a token of the issuer that was found good; null where a claim has the user's id, and the token has none. */
export function externalCaller(
  external: ExternalTokens,
  { claims, expiresAtMs }: GoodToken,
  twinDigest: string | null,
): Caller | null {
  const { sub } = claims;
  const user = { id: typeof sub === 'string' ? sub : null, roles: external.rolesOf(claims) };
  const issued = external.claims.issue({ access: claims, user }).claims;
  const caller = callerOf({
    ...{ kind: external.kind, claims: { ...registered(claims), ...issued }, expiresAtMs, isGuest: false },
    ...(twinDigest === null ? null : { twinDigest }),
  });
  return namesUser(external.kind, caller.applied.originId) ? caller : null;
}

function registered(claims: Claims): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of REGISTERED) if (claims[name] !== undefined) kept[name] = claims[name];
  return kept;
}
