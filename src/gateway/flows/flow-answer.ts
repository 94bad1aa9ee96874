import { EXPIRED_CSRF_COOKIE } from '../identify/csrf.js';
import { csrfHeaders, type CsrfRules } from '../identify/csrf-headers.js';
import { editedObject, type Edit } from '../identify/claims/text-edits.js';
import { expiredCookies, refreshCookie, tokenCookie } from '../identify/token-cookies.js';
import type { TokenKind } from '../identify/token-kind.js';
import { parsedAsWritten } from '../json/json-text.js';
import { jsonAnswer, type Answer } from '../stage.js';
import { withoutTokens } from './token-members.js';
import type { FlowTokens } from './token-issuer.js';

export interface AnswerRules {
  readonly kind: TokenKind;
  readonly asCookies: boolean;
  /** Null: no protection against forged requests of browsers is asked for. */
  readonly csrf: CsrfRules | null;
}

/** What the backend returned, without claims that are to be removed. @param text JSON text of an object */
export function shownText(text: string, kind: TokenKind): string {
  const shown = parsedAsWritten(text) as object;
  kind.claims.removeFrom(shown);
  return JSON.stringify(shown);
}

/** 200 with what the backend returned and nothing of ours. */
export function plainAnswer(text: string, kind: TokenKind, headers: readonly string[] = []): Answer {
  return jsonAnswer(200, shownText(text, kind), headers);
}

/** The answer of a login or refresh: tokens in the body, or in cookies, where no script then finds one in the body. */
export function tokensAnswer(shown: string, tokens: FlowTokens, rules: AnswerRules): Answer {
  const { kind, asCookies } = rules;
  const put = (value: unknown): Edit => ({ kind: 'put', text: JSON.stringify(value) });
  const edits = new Map<string, Edit>([['expires_in', put(tokens.lifeSeconds)]]);
  if (asCookies) return jsonAnswer(200, editedObject(withoutTokens(shown), edits), cookieHeaders(tokens, rules));
  edits.set(kind.tokenName, put(tokens.token));
  if (tokens.refreshToken !== null) edits.set('refresh_token', put(tokens.refreshToken));
  return jsonAnswer(200, editedObject(shown, edits));
}

export function cookieHeaders(tokens: FlowTokens, { kind, csrf }: AnswerRules): string[] {
  const headers = ['Set-Cookie', tokenCookie(kind, tokens.token)];
  if (tokens.refreshToken !== null)
    headers.push('Set-Cookie', refreshCookie(kind, tokens.refreshToken, tokens.refreshSeconds!));
  return [...headers, ...csrfHeaders(tokens.token, kind, csrf)];
}

export function endedCookies({ kind, asCookies, csrf }: AnswerRules): string[] {
  if (!asCookies) return [];
  const ended = csrf?.cookie === true ? [...expiredCookies(kind), EXPIRED_CSRF_COOKIE] : expiredCookies(kind);
  return ended.flatMap((cookie) => ['Set-Cookie', cookie]);
}
