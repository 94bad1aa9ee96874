import { objectIn, type Json, type RpcCall } from '../../runner-kit/index.js';
import { missing } from './refusals.js';

/** A call of one action for one type of users, such as `user` in `/auth/user/login`. */
export interface AuthCall extends RpcCall {
  readonly type: string;
}

/** What came under this name: as a credential (requestMeta.auth), else in the client's body. */
export function given({ requestMeta, parameters }: RpcCall, name: string): Json | undefined {
  const auth = objectIn(requestMeta as Record<string, Json>, 'auth');
  if (Object.hasOwn(auth, name)) return auth[name];
  return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}

/** The same as text; null where it is missing, empty or no text. A one-time code may come as a number. */
export function textGiven(call: RpcCall, name: string): string | null {
  const value = given(call, name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** @throws RunnerError 10123 where it is missing. */
export function textNeeded(call: RpcCall, name: string): string {
  const text = textGiven(call, name);
  if (text === null) throw missing(name);
  return text;
}
