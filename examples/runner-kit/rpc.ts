import { INTERNAL, NO_ACTIVE_SAGA, RunnerError } from './errors.js';
import { errorEvent, objectIn, readEvent, successEvent, type ReceivedEvent, type RequestMeta } from './event.js';
import type { JsonObject } from './json.js';
import { jsonReply, SpecialReply, type Reply } from './reply.js';

/** One call of one path. */
export interface RpcCall {
  readonly path: string;
  /** What the client sent, `{}` where it is no object (`payload.parameters` has it whatever it is). From a URL they are strings. */
  readonly parameters: JsonObject;
  readonly payload: JsonObject;
  readonly requestMeta: RequestMeta;
  readonly eventMeta: JsonObject;
  readonly event: JsonObject;
  /** The event for handing parts of it on: numbers that JavaScript would rewrite are `JSON.rawJSON` objects in it. */
  readonly exact: JsonObject;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The returned object is merged into the event's payload; nothing returned echoes the parameters. */
export type RpcHandler = (
  call: RpcCall,
) => object | null | undefined | void | Promise<object | null | undefined | void>;

export interface RpcContext {
  readonly handler: RpcHandler | undefined;
  readonly path: string;
  readonly signal: AbortSignal;
  /** Epoch ms. */
  readonly now: () => number;
  /** Gets what the client must not see. */
  readonly report: (error: unknown, path: string) => void;
}

/** Answers an event with an event. @throws RunnerError where the text is no event at all. */
export async function answerRpc(eventText: string, context: RpcContext): Promise<Reply> {
  const receiveTime = context.now();
  const event = readEvent(eventText);
  const times = () => ({ receiveTime, endTime: context.now() });
  try {
    const returned = await callHandler(event, context);
    if (returned instanceof SpecialReply && returned.kind === 'raw')
      return { status: 200, body: '', ...returned.content };
    if (returned instanceof SpecialReply) {
      const error = new RunnerError(INTERNAL, 'The runner broke the connection off.');
      return { ...jsonReply(200, errorEvent(event.exact, error, times())), reset: true };
    }
    return jsonReply(200, successEvent(event.exact, returned, times()));
  } catch (error) {
    return jsonReply(200, errorEvent(event.exact, forCaller(error, context), times()));
  }
}

/** A RunnerError as it is; of anything else only that it happened, since its text may tell of the inside. */
function forCaller(error: unknown, { report, path, signal }: RpcContext): RunnerError {
  if (error instanceof RunnerError) return error;
  if (!signal.aborted) report(error, path);
  return new RunnerError(INTERNAL, 'The runner failed.');
}

async function callHandler({ plain, exact }: ReceivedEvent, { handler, path, signal }: RpcContext): Promise<object> {
  if (handler === undefined) throw new RunnerError(NO_ACTIVE_SAGA, `no active saga for path ${path}`);
  const payload = objectIn(plain, 'payload');
  const returned: unknown = await handler({
    path,
    parameters: objectIn(payload, 'parameters'),
    payload,
    requestMeta: objectIn(plain, 'requestMeta'),
    eventMeta: objectIn(plain, 'eventMeta'),
    event: plain,
    exact,
    signal,
  });
  if (returned === undefined || returned === null) return {};
  if (typeof returned !== 'object' || Array.isArray(returned)) {
    throw new TypeError(`The handler of ${path} returned something else than an object.`);
  }
  return returned;
}
