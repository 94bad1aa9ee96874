import type { Session } from '../../../contracts/session-origin.js';
import { GatewayError } from '../../../errors/gateway.error.js';
import { isJsonObject, memberOf, type JsonObject } from '../provider/json-members.js';
import type { GoodReply } from '../provider/read-reply.js';
import type { SessionAction } from './session-rules.js';

/** How long a session is known whose end the server does not tell. */
const UNTOLD_MS = 60_000;

/** Whose answers must tell of a session. */
const GIVES_SESSION: ReadonlySet<SessionAction> = new Set(['touch', 'stitch']);

/**
 * The session of a good answer: `payload.session {id, expire}`, or flat; null where there is none and none had to be.
 * @throws GatewayError ANSWER_UNREADABLE
 */
export function sessionIn(reply: GoodReply, action: SessionAction, nowMs: number): Session | null {
  const payload = JSON.parse(reply.payload) as JsonObject;
  const session = sessionAt(payload.session, nowMs) ?? sessionAt(payload, nowMs);
  if (session === null && GIVES_SESSION.has(action))
    throw new GatewayError('ANSWER_UNREADABLE', { cause: 'the answer tells of no session' });
  return session;
}

function sessionAt(place: unknown, nowMs: number): Session | null {
  if (!isJsonObject(place)) return null;
  const id = memberOf(place, 'id');
  if (typeof id === 'number' && Number.isSafeInteger(id)) return { id: String(id), expiresAtMs: expiry(place, nowMs) };
  return typeof id === 'string' && id !== '' ? { id, expiresAtMs: expiry(place, nowMs) } : null;
}

function expiry(place: JsonObject, nowMs: number): number {
  const expire = memberOf(place, 'expire');
  const ms = typeof expire === 'string' && /^\d{1,15}$/.test(expire) ? Number(expire) : expire;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : nowMs + UNTOLD_MS;
}
