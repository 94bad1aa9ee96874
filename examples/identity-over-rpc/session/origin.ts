import { objectIn, RunnerError, type Json, type JsonObject, type RpcCall } from '../../runner-kit/index.js';

const MISSING_PARAMETER = 10009;
const MAX_KEY_LENGTH = 512;

/** A call about the sessions of one type of origins, such as `user` in `/session/user`. */
export interface SessionCall extends RpcCall {
  readonly type: string;
}

/** Key of the origin that came (requestMeta.origin); without a type of its own it has the path's. @throws RunnerError 10009 */
export function originKeyOf({ requestMeta, type }: SessionCall): string {
  return keyOf(textIn(originIn(requestMeta), 'type') ?? type, textIn(originIn(requestMeta), 'id'), 'origin.id');
}

/** Key of the origin that it was before. @throws RunnerError 10009 */
export function oldOriginKeyOf({ requestMeta, type }: SessionCall): string {
  const origin = originIn(requestMeta);
  const before = objectIn(origin, 'parameters');
  const oldType = textIn(before, 'oldType') ?? textIn(origin, 'type') ?? type;
  return keyOf(oldType, textIn(before, 'oldId'), 'origin.parameters.oldId');
}

export function textIn(parent: JsonObject, name: string): string | null {
  const value: Json | undefined = Object.hasOwn(parent, name) ? parent[name] : undefined;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

function keyOf(type: string, id: string | null, name: string): string {
  if (id === null) throw new RunnerError(MISSING_PARAMETER, `${name} is missing`);
  const key = `${type}-${id}`;
  if (key.length > MAX_KEY_LENGTH) throw new RunnerError(400, `the origin has more than ${MAX_KEY_LENGTH} characters`);
  return key;
}

const originIn = (requestMeta: RpcCall['requestMeta']) => objectIn(requestMeta as JsonObject, 'origin');
