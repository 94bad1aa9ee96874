import type { GatewayError } from '../../../errors/gateway.error.js';
import type { Session, SessionOrigin } from '../../../contracts/session-origin.js';
import { boundedCall, NOBODY } from '../provider/bounded-call.js';
import { calleeOf, type CurrentRoutes } from '../provider/channel-callee.js';
import { readReply } from '../provider/read-reply.js';
import { ServerCall, type CallIds } from '../provider/server-call.js';
import { serverFailure, statusFailure } from '../provider/server-failure.js';
import type { UrlValues } from '../provider/url-template.js';
import { sessionIn } from './session-answer.js';
import type { SessionAction, SessionRules } from './session-rules.js';

export type SessionOutcome =
  /** The session that the server tells of; null where it tells of none, and was not asked for one. */
  | { readonly kind: 'answered'; readonly session: Session | null }
  /** The server is well and will not do it: the origin's own fault (400, 409, 422 and the like). */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly error: GatewayError }
  /** No URL for that action, or no such channel in force. */
  | { readonly kind: 'missing' };

export interface SessionClientOptions {
  /** Bytes of an answer (codecs.memory.maxSize). */
  readonly maxAnswerBytes: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Of what a call is part. */
export interface SessionCallContext extends CallIds {
  /** ms until its whole answer is here. */
  readonly timeoutMs: number;
  /** Fills `{type}` in the URL where a flow names one; else the origin's. */
  readonly urlType?: string;
}

/** What one action says, as an event and over plain HTTP. */
interface Message {
  readonly action: SessionAction;
  readonly values: UrlValues;
  /** JSON texts. */
  readonly origin: string;
  readonly parameters: string;
  readonly body: string;
}

const MISSING: SessionOutcome = Object.freeze({ kind: 'missing' });
const NOTHING = '{}';

/** Asks session servers over channels of this gateway (spec/identity.md, "Session"). Never throws. */
export class SessionClient {
  constructor(
    private readonly routes: CurrentRoutes,
    private readonly options: SessionClientOptions,
  ) {}

  /** The origin's session, made where there is none. */
  touch(rules: SessionRules, origin: SessionOrigin, context: SessionCallContext): Promise<SessionOutcome> {
    const text = originText(origin);
    return this.call(rules, { ...about('touch', origin), origin: text, parameters: NOTHING, body: text }, context);
  }

  extend(rules: SessionRules, origin: SessionOrigin, context: SessionCallContext): Promise<SessionOutcome> {
    const message = { ...about('extend', origin), origin: originText(origin), parameters: NOTHING, body: '' };
    return this.call(rules, message, context);
  }

  /** @param origins of one type, where the URL holds `{type}` */
  extendList(
    rules: SessionRules,
    origins: readonly SessionOrigin[],
    context: SessionCallContext,
  ): Promise<SessionOutcome> {
    const list = JSON.stringify(origins.map(originKey));
    const values = { type: origins[0]?.type ?? null };
    const message = {
      action: 'extendList' as const,
      values,
      origin: NOTHING,
      parameters: `{"list":${list}}`,
      body: list,
    };
    return this.call(rules, message, context);
  }

  /** The session of `old` becomes that of `origin` too; which one is kept is the server's to say. */
  stitch(
    rules: SessionRules,
    origin: SessionOrigin,
    old: SessionOrigin,
    context: SessionCallContext,
  ): Promise<SessionOutcome> {
    const { type, id } = origin;
    const text = JSON.stringify({ type, id, parameters: { oldId: old.id, oldType: old.type } });
    return this.call(rules, { ...about('stitch', origin), origin: text, parameters: NOTHING, body: text }, context);
  }

  expire(
    rules: SessionRules,
    origin: SessionOrigin,
    sessionId: string,
    context: SessionCallContext,
  ): Promise<SessionOutcome> {
    const { action, values } = about('expire', origin);
    const parameters = JSON.stringify({ originKey: values.originKey, sessionId });
    const message = { action, values: { ...values, sessionId }, origin: NOTHING, parameters, body: '' };
    return this.call(rules, message, context);
  }

  private async call(rules: SessionRules, message: Message, context: SessionCallContext): Promise<SessionOutcome> {
    const { action, values, origin, parameters, body } = message;
    const url = rules.urls.get(action)?.fill({ ...values, type: context.urlType ?? values.type ?? null }) ?? null;
    const callee = calleeOf(this.routes, rules.channel);
    if (url === null || callee === null) return MISSING;
    const { requestId, traceparent, timeoutMs } = context;
    const deadline = this.options.now() + timeoutMs;
    const ids = { requestId, traceparent, channel: rules.channel, branch: 'main' };
    const call = new ServerCall(
      { ...ids, url, origin, parameters, auth: null, plainBody: body, deadline },
      callee.takes,
    );
    const bounds = { timeoutMs, maxBytes: this.options.maxAnswerBytes, cancellation: NOBODY };
    try {
      const reply = readReply(await boundedCall(callee, call, bounds), callee.takes === 'body');
      if (reply.kind === 'good') return { kind: 'answered', session: sessionIn(reply, action, this.options.now()) };
      if (isOwnFault(reply.status) || reply.code === NO_RECORD) return { kind: 'refused', status: reply.status };
      return { kind: 'failed', error: statusFailure(reply.status) };
    } catch (error) {
      return { kind: 'failed', error: serverFailure(error) };
    }
  }
}

export function originKey({ type, id }: SessionOrigin): string {
  return `${type}-${id}`;
}

function about<A extends SessionAction>(action: A, origin: SessionOrigin) {
  return { action, values: { type: origin.type, originKey: originKey(origin) } };
}

function originText({ type, id }: SessionOrigin): string {
  return JSON.stringify({ type, id });
}

/** The server is well, and the session has ended: no reason to leave the server alone. */
const NO_RECORD = 11005;

/** What 401, 403 and 404 mean is that this gateway is not set up for the server, whatever the origin. */
const NOT_THE_ORIGIN: ReadonlySet<number> = new Set([401, 403, 404, 405, 408, 429]);

function isOwnFault(status: number): boolean {
  return status >= 400 && status < 500 && !NOT_THE_ORIGIN.has(status);
}
