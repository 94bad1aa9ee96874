import { badInput } from '../identity-faults.js';
import { isMembers, membersAt, type Members } from '../runner/event-members.js';

export type Service = 'auth' | 'session';

export interface HttpCall {
  readonly service: Service;
  /** Names below `/auth` or `/session`. */
  readonly names: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Whether the body is an event, as an rpc system sends it, or what plain HTTP has (spec/identity.md, "Provider", "Session"). */
export function isEvent(body: unknown): body is Members {
  return (
    isMembers(body) && (isMembers(body['requestMeta']) || isMembers(body['payload']) || isMembers(body['eventMeta']))
  );
}

/** What a runner is asked. Whoever calls may say settings of the call, in the query. @throws IdentityFault 400 */
export function eventOf(call: HttpCall): Members {
  const settings = { parameters: call.query };
  if (isEvent(call.body)) {
    const { eventMeta } = call.body;
    const given = isMembers(eventMeta) ? membersAt(eventMeta, 'parameters') : {};
    return { ...call.body, eventMeta: { parameters: { ...given, ...call.query } } };
  }
  if (call.service === 'session') return { ...sessionEvent(call), eventMeta: settings };
  const body = objectOf(call.body);
  // People send what they mean without a place of its own.
  return { requestMeta: body, eventMeta: settings, payload: { parameters: { ...call.query, ...body } } };
}

/** touch and stitch have the origin as body, extendList an array of keys, extend and expire none. */
function sessionEvent({ names, body }: HttpCall): Members {
  const [, action = 'touch'] = names;
  if (action === 'extendList')
    return { payload: { parameters: { list: Array.isArray(body) ? body : objectOf(body)['list'] } } };
  if (action === 'touch' || action === 'stitch') return { requestMeta: { origin: objectOf(body) } };
  return { payload: { parameters: objectOf(body) } };
}

export interface PlainAnswer {
  readonly status: number;
  readonly body: Members;
}

/**
 * The plain answer to an answered event. Of what a provider is asked it is the request metadata, with `auth` (the tokens) and `user` filled
 * in; of all else it is what there is to say.
 */
export function plainAnswer(call: HttpCall, answer: Members): PlainAnswer {
  const error = membersAt(membersAt(answer, 'result'), 'error');
  if (Object.keys(error).length > 0)
    return { status: Number(error['http'] ?? statusOf(error['code'])), body: { error } };
  const { parameters: _parameters, ...payload } = membersAt(answer, 'payload');
  if (call.service === 'session')
    return { status: 200, body: isMembers(payload['session']) ? payload['session'] : payload };
  if (call.names.length > 2) return { status: 200, body: payload };
  const { auth, ...sent } = objectOf(call.body);
  const { token, ...more } = payload;
  // Without `auth` the body is no metadata: credentials do not go back.
  const requestMeta = isMembers(auth) ? sent : {};
  return { status: 200, body: { ...requestMeta, ...more, ...(token !== undefined && { auth: token }) } };
}

/** Of the session runner's codes, whose events say no status. */
function statusOf(code: unknown): number {
  if (code === 3 || code === 11005) return 404;
  return code === 405 || code === 503 ? code : 400;
}

function objectOf(value: unknown): Members {
  if (!isMembers(value)) throw badInput('the body is no object');
  return value;
}
