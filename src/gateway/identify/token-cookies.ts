import type { CookieRecord } from '../../contracts/records.js';
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

export function tokenCookie({ tokenName, cookies, lifeSeconds }: TokenKind, token: string): string {
  return `Rierino-Auth.${tokenName}=${token}; Max-Age=${lifeSeconds}${cookies.token}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
