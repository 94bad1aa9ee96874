import { type Claims, type CheckedToken, refused } from './checked-token.js';
import { parsedObject } from './json-object.js';

/**
 * How far the clocks of two machines may be apart. `exp, nbf (30 s leeway)` of the specification is read as a leeway for both:
 * a token is good before exp + 30 s, and from nbf - 30 s on.
 */
export const CLOCK_LEEWAY_MS = 30_000;

export interface ClaimRules {
  /** Null where the record sets none: then any, or none, is fine. */
  readonly issuer: string | null;
  readonly audiences: ReadonlySet<string> | null;
}

/**
 * Judges the claims of a token whose signature is good. `exp` comes last, since `expired` says that all else is right and
 * hands the claims on.
 */
export function judge(text: string | null, rules: ClaimRules, nowMs: number): CheckedToken {
  const claims = parsedObject(text);
  if (claims === null) return refused('claims');
  const { exp, nbf, iat } = claims;
  if (rules.issuer !== null && claims['iss'] !== rules.issuer) return refused('issuer');
  if (rules.audiences !== null && !namesAny(claims['aud'], rules.audiences)) return refused('audience');
  if (exp === undefined) return refused('no_expiry');
  if (!isTime(exp) || !(nbf === undefined || isTime(nbf)) || !(iat === undefined || isTime(iat))) {
    return refused('claims');
  }
  if (nbf !== undefined && nbf * 1000 > nowMs + CLOCK_LEEWAY_MS) return refused('not_yet_valid');
  const expiresAtMs = exp * 1000;
  if (nowMs >= expiresAtMs + CLOCK_LEEWAY_MS) return { kind: 'bad', fault: 'expired', claims, expiresAtMs };
  return { kind: 'good', claims, expiresAtMs, issuedAtMs: iat === undefined ? null : iat * 1000 };
}

/** The year 9999: what is later no clock shows. */
const LATEST_SECONDS = 253_402_300_799;

/** RFC 7519, 2: a NumericDate; fractions are allowed, a number past all clocks (1e400) is none. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LATEST_SECONDS;
}

/** Whether `aud`, a text or a list, has one of them. */
export function namesAny(claim: unknown, audiences: ReadonlySet<string>): boolean {
  if (typeof claim === 'string') return audiences.has(claim);
  if (!Array.isArray(claim)) return false;
  for (const audience of claim as readonly unknown[]) {
    if (typeof audience === 'string' && audiences.has(audience)) return true;
  }
  return false;
}

/** The claims of a new token. Those that we answer for win over what came from elsewhere. */
export function claimsOf(
  given: Claims,
  rules: ClaimRules,
  life: { readonly nowMs: number; readonly lifeSeconds: number; readonly id: string },
): Claims {
  const issuedAt = Math.floor(life.nowMs / 1000);
  const audiences = rules.audiences === null ? [] : [...rules.audiences];
  return {
    ...given,
    ...(rules.issuer === null ? {} : { iss: rules.issuer }),
    ...(audiences.length === 0 ? {} : { aud: audiences.length === 1 ? audiences[0] : audiences }),
    iat: issuedAt,
    exp: issuedAt + life.lifeSeconds,
    jti: life.id,
  };
}
