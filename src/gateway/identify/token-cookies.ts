import type { CookieRecord } from '../../contracts/records.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { COOKIE_VALUE } from '../http-syntax.js';
import type { TokenKind } from './token-kind.js';

/** Attributes of the cookies of one kind of token, as they stand behind the value. */
export interface CookieRules {
  readonly token: string;
  readonly refresh: string;
}

/**
 * Closed by default: not for scripts, over TLS alone (browsers count localhost as safe), and not sent along from other sites but by a
 * plain navigation.
 */
export function cookieRulesOf(record: CookieRecord = {}): CookieRules {
  const sameSite = record.sameSite === undefined ? 'Lax' : capital(record.sameSite);
  const rest = [
    record.domain === undefined ? '' : `; Domain=${record.domain}`,
    `; SameSite=${sameSite}`,
    record.httpOnly === false ? '' : '; HttpOnly',
    // Browsers drop a SameSite=None that is not Secure.
    record.secure === false && sameSite !== 'None' ? '' : '; Secure',
  ].join('');
  return {
    token: `; Path=${record.path ?? '/api'}${rest}`,
    refresh: `; Path=${record.refreshPath ?? '/api/auth/refresh'}${rest}`,
  };
}

export function tokenCookie({ tokenName, cookies, lifeSeconds, graceSeconds }: TokenKind, token: string): string {
  // Within the grace of an expired token it must still be there, beside that of the refresh token.
  return `Rierino-Auth.${tokenName}=${token}; Max-Age=${lifeSeconds + graceSeconds}${cookies.token}`;
}

export function refreshCookie({ cookies }: TokenKind, token: string, lifeSeconds: number): string {
  // Sent raw, it could end the value and add attributes.
  if (!COOKIE_VALUE.test(token))
    throw new GatewayError('BACKEND_FAILED', { cause: 'a refresh token of the server cannot stand in a cookie' });
  return `${REFRESH}=${token}; Max-Age=${lifeSeconds}${cookies.refresh}`;
}

/** What makes a browser let go of both. */
export function expiredCookies({ tokenName, cookies }: TokenKind): readonly string[] {
  return [`Rierino-Auth.${tokenName}=; Max-Age=0${cookies.token}`, `${REFRESH}=; Max-Age=0${cookies.refresh}`];
}

const REFRESH = 'Rierino-Auth.refresh_token';

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
