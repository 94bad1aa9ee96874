import { refusal } from '../stage.js';

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
export const CSRF_INVALID = refusal('CSRF_INVALID');
