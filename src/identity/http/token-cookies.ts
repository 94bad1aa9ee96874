import { membersAt } from '../runner/event-members.js';
import type { HttpCall, PlainAnswer } from './plain-calls.js';

/** Under these names the gateway finds credentials in cookies (spec/apis.md). */
const NAMES = ['access_token', 'refresh_token'] as const;
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax';

/** With `cookie=true` the tokens of a plain answer stand in cookies, too; a logout ends them. */
export function tokenCookies(
  { query, names, service }: HttpCall,
  { status, body }: PlainAnswer,
): Record<string, string[]> {
  if (query['cookie'] !== 'true' || service !== 'auth' || status !== 200) return {};
  if (names[1] === 'logout' || names[1] === 'delete')
    return { 'set-cookie': NAMES.map((name) => `Rierino-Auth.${name}=; ${ATTRIBUTES}; Max-Age=0`) };
  const tokens = membersAt(body, 'auth');
  const lives = { access_token: tokens['expires_in'], refresh_token: tokens['refresh_expires_in'] };
  const cookies = NAMES.filter((name) => typeof tokens[name] === 'string').map(
    (name) => `Rierino-Auth.${name}=${String(tokens[name])}; ${ATTRIBUTES}; Max-Age=${Number(lives[name])}`,
  );
  return cookies.length === 0 ? {} : { 'set-cookie': cookies };
}
