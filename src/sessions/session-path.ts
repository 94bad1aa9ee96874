import { NO_SUCH_ACTION, SessionFault } from './session-fault.js';

export const SESSION_ACTIONS = ['touch', 'extend', 'extendList', 'stitch', 'expire'] as const;
export type SessionAction = (typeof SESSION_ACTIONS)[number];

/** Where a call goes: `/session/{type}/{action}[/{originKey}[/{sessionId}]]`. */
export interface SessionPath {
  /** Type of an origin that comes without one. */
  readonly type: string;
  readonly action: SessionAction;
  /** As they stand in the path; null: they do not. */
  readonly originKey: string | null;
  readonly sessionId: string | null;
}

/** How many keys may follow an action. */
const MOST_KEYS: Readonly<Record<SessionAction, number>> = { touch: 0, extend: 1, extendList: 0, stitch: 0, expire: 2 };

/**
 * Reads target and path together, so that the type may stand in either (spec/identity.md, "The built-in identity and session runner").
 * @throws SessionFault 3 where there is no such action
 */
export function readSessionPath(target: string, path: string): SessionPath {
  const [service, type, action = 'touch', ...keys] = `${target}/${path}`.split('/').filter((part) => part !== '');
  if (service !== 'session' || type === undefined || !isAction(action) || keys.length > MOST_KEYS[action])
    throw new SessionFault(NO_SUCH_ACTION, 'the session runner has no action at this path');
  return { type, action, originKey: keys[0] ?? null, sessionId: keys[1] ?? null };
}

function isAction(text: string): text is SessionAction {
  return (SESSION_ACTIONS as readonly string[]).includes(text);
}
