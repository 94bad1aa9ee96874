import type { BegunLogin } from './login-states.js';
import { LOGIN_SECONDS } from './login-states.js';

/** Not of the families of credentials: no provider is sent it. Each login has its own, so that two tabs do not end each other's. */
const PREFIX = 'sluice-login.';
/** Of logins that were begun in one browser and not finished; more would fill its headers. */
export const MOST_LOGINS = 4;
const NAME_LENGTH = 8;

/** Attributes: for the auth endpoints alone, and over TLS unless the gateway is reached without. */
export function loginCookieRules(publicUrl: string): string {
  const { protocol, pathname } = new URL(publicUrl);
  const path = `${pathname.replace(/\/+$/, '')}/api/auth`;
  return `; Path=${path}; HttpOnly; SameSite=Lax${protocol === 'http:' ? '' : '; Secure'}`;
}

export function loginCookieName(state: string): string {
  return PREFIX + state.slice(0, NAME_LENGTH);
}

export function loginCookie({ state }: BegunLogin, text: string, rules: string): string {
  return `${loginCookieName(state)}=${text}; Max-Age=${LOGIN_SECONDS}${rules}`;
}

export function endedLoginCookie(name: string, rules: string): string {
  return `${name}=; Max-Age=0${rules}`;
}

/** Cookies of logins that a browser sends, by name. */
export function loginCookiesIn(header: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals !== -1 && name.startsWith(PREFIX)) found.set(name, pair.slice(equals + 1).trim());
  }
  return found;
}
