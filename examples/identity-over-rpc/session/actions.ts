import { RunnerError } from '../../runner-kit/index.js';
import { oldOriginKeyOf, originKeyOf, textIn, type SessionCall } from './origin.js';
import type { Sessions } from './sessions.js';

/** Answers one call: what it returns is merged into the event's payload. */
export type SessionAction = (call: SessionCall, sessions: Sessions) => object;

/** The session of requestMeta.origin, a new one if need be → `{session: {id, expire}}`. */
const touch: SessionAction = (call, sessions) => ({ session: sessions.touch(originKeyOf(call)) });

/** The same for a session that must be there (else 11005, 404); the origin may also come as parameters.originKey. */
const extend: SessionAction = (call, sessions) => {
  const session = sessions.extend(textIn(call.parameters, 'originKey') ?? originKeyOf(call));
  if (session === null) throw new RunnerError(11005, 'the origin has no session');
  return { session };
};

/** parameters.list of origin keys → how many were extended, and the keys that have no session any more. */
const extendList: SessionAction = ({ parameters }, sessions) => {
  const list = parameters['list'];
  if (!Array.isArray(list)) throw new RunnerError(10009, 'list is missing');
  const keys = (list as readonly unknown[]).filter((key): key is string => typeof key === 'string');
  const missing = keys.filter((key) => sessions.extend(key) === null);
  return { extended: keys.length - missing.length, missing };
};

/** requestMeta.origin takes over the session of origin.parameters `{oldId, oldType}` → `{session}`. */
const stitch: SessionAction = (call, sessions) => ({
  session: sessions.stitch(originKeyOf(call), oldOriginKeyOf(call)),
});

/** parameters.originKey, or requestMeta.origin; with parameters.sessionId only if that is its session. */
const expire: SessionAction = (call, sessions) => {
  const originKey = textIn(call.parameters, 'originKey') ?? originKeyOf(call);
  return { expired: sessions.expire(originKey, textIn(call.parameters, 'sessionId')) };
};

/** What a session server answers, by the path below `/session/{type}/`. */
export const SESSION_ACTIONS: Readonly<Record<string, SessionAction>> = {
  '': touch,
  touch,
  extend,
  extendList,
  stitch,
  expire,
};
