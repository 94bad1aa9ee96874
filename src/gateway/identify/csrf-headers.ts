import { csrfCookie, csrfToken } from './csrf.js';
import type { TokenKind } from './token-kind.js';

export interface CsrfRules {
  /** The token goes out as a cookie too, which scripts can read. */
  readonly cookie: boolean;
}

/** The token against forged requests, which goes along with a credential in a cookie; flat, none where nobody asks for protection. */
export function csrfHeaders(credential: string, { csrfKey }: TokenKind, rules: CsrfRules | null): string[] {
  if (rules === null || csrfKey === null) return [];
  const token = csrfToken(csrfKey, credential);
  return rules.cookie ? ['X-CSRF-TOKEN', token, 'Set-Cookie', csrfCookie(token)] : ['X-CSRF-TOKEN', token];
}
