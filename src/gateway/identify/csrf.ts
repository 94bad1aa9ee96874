import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * CSRF protection (spec/settings.md, security.csrf.*): a token that is bound to the credential. Another site can make a browser send our
 * cookies, but can read neither them nor the token, and so cannot send it.
 */

/** base64url, 43 characters. The same for the same key and credential, so that no replica must keep it. */
export function csrfToken(key: Buffer, credential: string): string {
  return createHmac('sha256', key).update('csrf\0').update(credential).digest('base64url');
}

/** Whether X-XSRF-TOKEN, or where there is none X-CSRF-TOKEN, has the token of this credential. */
export function csrfHolds(headers: IncomingHttpHeaders, key: Buffer, credential: string): boolean {
  const given = headers['x-xsrf-token'] || headers['x-csrf-token'];
  if (typeof given !== 'string') return false;
  const expected = Buffer.from(csrfToken(key, credential));
  const actual = Buffer.from(given);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** Methods that may change something (RFC 9110, 9.2.1). */
export function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && method !== 'TRACE';
}

/** Value of Set-Cookie. Scripts must read it, so it is not HttpOnly; the token is of no use without the credential. */
export function csrfCookie(token: string): string {
  return `XSRF-TOKEN=${token}; Path=/; Secure; SameSite=Lax`;
}

/** At a logout. */
export const EXPIRED_CSRF_COOKIE = `${csrfCookie('')}; Max-Age=0`;
