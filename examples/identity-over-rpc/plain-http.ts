import { isObject, objectIn, parsePlain, RunnerError, type Json, type JsonObject } from '../runner-kit/index.js';
import { errorReply, jsonReply, type Reply } from '../runner-kit/reply.js';

/** An event and the path that answers it. */
export interface PlainCall {
  readonly path: string;
  readonly event: JsonObject;
}

/**
 * What a plain call asks for. Of an auth action the body is the request metadata alone; of touch and stitch the origin, of
 * extendList an array of origin keys; extend and expire have none, and the keys in their paths.
 * @throws RunnerError 400 for another body.
 */
export function readPlain([service = '', type = '', ...rest]: readonly string[], body: string): PlainCall {
  const given: Json = body.trim() === '' ? {} : parsePlain(body);
  if (service !== 'session')
    return { path: `/${[service, type, ...rest].join('/')}`, event: { requestMeta: asObject(given) } };
  const [action = '', originKey, sessionId] = rest;
  return {
    path: `/session/${type}${action && `/${action}`}`,
    event: sessionEvent(action, given, { originKey, sessionId }),
  };
}

function sessionEvent(action: string, given: Json, keys: Readonly<Record<string, string | undefined>>): JsonObject {
  if (action === 'extendList') return { payload: { parameters: { list: given } } };
  if (action !== 'extend' && action !== 'expire') return { requestMeta: { origin: asObject(given) } };
  const named = Object.entries(keys).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { payload: { parameters: Object.fromEntries(named) } };
}

function asObject(value: Json): JsonObject {
  if (!isObject(value)) throw new RunnerError(10011, 'The body is no object.');
  return value;
}

/**
 * The plain answer to an answered event. Of an auth action it is the request metadata with `auth` (the tokens) and `user`
 * filled in; credentials do not go back. Of a session action it is the session, or what else there is to say.
 */
export function writePlain(path: string, answer: string): Reply {
  const event = asObject(parsePlain(answer));
  const error = objectIn(event, 'result')['error'];
  if (isObject(error)) return errorReply(asRunnerError(error));
  const { parameters: _parameters, ...payload } = objectIn(event, 'payload');
  if (path.startsWith('/session/')) return jsonReply(200, payload['session'] ?? payload);
  const { auth: _auth, ...requestMeta } = objectIn(event, 'requestMeta');
  const { token, ...more } = payload;
  return jsonReply(200, { ...requestMeta, ...more, ...(token === undefined ? {} : { auth: token }) });
}

function asRunnerError({ code, message, http }: JsonObject): RunnerError {
  return new RunnerError(
    Number(code),
    typeof message === 'string' ? message : 'unknown error',
    typeof http === 'number' ? { http } : {},
  );
}
