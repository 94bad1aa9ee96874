import { refusal, type Refusal } from '../stage.js';
import type { NoCaller } from './token-checks.js';

/**
 * Refusals of a request for its token, with the challenges of RFC 6750, section 3: one place, so that
 * stages and flows cannot come to differ.
 */
export const TOKEN_MISSING = refusal('TOKEN_MISSING', ['WWW-Authenticate', 'Bearer']);
export const TOKEN_INVALID = refusal('TOKEN_INVALID', ['WWW-Authenticate', 'Bearer error="invalid_token"']);
export const TOKEN_EXPIRED = refusal('TOKEN_EXPIRED', [
  'WWW-Authenticate',
  'Bearer error="invalid_token", error_description="expired token"',
]);
/** A login that fails, whatever was wrong with it. */
export const WRONG_CREDENTIALS = refusal('WRONG_CREDENTIALS', ['WWW-Authenticate', 'Bearer']);
const ISSUER_UNAVAILABLE = refusal('ISSUER_UNAVAILABLE');
export const CSRF_INVALID = refusal('CSRF_INVALID');

/** What a client gets whose token lets nobody in, and why, for the log. A token that cannot be checked is not bad. */
export function tokenRefusal(checked: NoCaller): { readonly verdict: Refusal; readonly cause: string } {
  if (checked.fault === 'unchecked') {
    const { cause, retryAfterSeconds } = checked.why;
    return { verdict: { ...ISSUER_UNAVAILABLE, retryAfterSeconds }, cause };
  }
  const verdict = checked.fault === 'expired' ? TOKEN_EXPIRED : TOKEN_INVALID;
  return { verdict, cause: `the token is refused: ${checked.fault}` };
}
