import type { Callee, RunnerCall } from '../../contracts/executor.js';
import { statusOfRunnerError } from '../../errors/runner-status.js';
import { traceparent } from '../edge/trace-context.js';
import type { Exchange } from '../exchange.js';
import { payloadText } from '../identify/claims/payload-text.js';
import { editedObject } from '../identify/claims/text-edits.js';
import { boundedCall, NOBODY } from '../identify/provider/bounded-call.js';
import { readReply, type ErrorReply } from '../identify/provider/read-reply.js';
import { withoutSecrets } from '../identify/provider/without-secrets.js';
import { objectMembers } from '../json/json-text.js';
import type { CompiledChannel } from '../resolve/compiled-channel.js';
import { normalRuleKey } from '../resolve/path-rules.js';
import type { Routes } from '../resolve/route-table.js';
import { errorAnswer } from '../respond/error-body.js';
import type { Answer, Refusal } from '../stage.js';
import type { FlowRun } from './flow-run.js';
import { withoutTokens } from './token-members.js';

/** Besides the backend's own limits. */
const SAGA_MS = 30_000;
/** No active saga for the path. */
const NO_SAGA = 3;

export interface SagaParts {
  readonly routes: { readonly current: Routes };
  /** Bytes of an answer (codecs.memory.maxSize). */
  readonly maxAnswerBytes: number;
  /** requestMeta.origin as JSON text. */
  readonly originOf: (exchange: Exchange) => string;
}

/**
 * The execution channel's own part in a flow: the channel that is called like the type, else the flow's own; its saga `/login` and so on,
 * or `/login/{type}` where a rule names it (spec/identity.md, "Flows"). It is told what the authentication server said, without the
 * tokens, and may add to it.
 */
export class SagaStep {
  constructor(private readonly parts: SagaParts) {}

  /** Null: done, or there is none. @throws GatewayError */
  async run(run: FlowRun): Promise<Refusal | Answer | null> {
    const { exchange } = run;
    const named = run.namedType === null ? undefined : this.parts.routes.current.channels.get(run.namedType);
    const channel = named ?? run.channel;
    if (channel.outOfForce !== null) return channel.outOfForce;
    const { callee } = channel;
    const path = callee === null ? null : sagaPath(run, channel, callee);
    if (callee === null || path === null) return null;
    const call = this.callOf(run, channel, path);
    const reply = readReply(
      await boundedCall(callee, call, {
        ...{
          timeoutMs: SAGA_MS,
          maxBytes: this.parts.maxAnswerBytes,
          cancellation: run.action === 'login' ? exchange : NOBODY,
        },
      }),
      callee.takes === 'body',
    );
    if (reply.kind === 'good') {
      run.enrich(reply.payload);
      return null;
    }
    return reply.code === NO_SAGA || reply.status === 404 ? null : this.failed(reply, run);
  }

  private callOf(run: FlowRun, channel: CompiledChannel, path: string): RunnerCall {
    const { exchange } = run;
    const { caller } = exchange;
    const sessionId = exchange.session?.id ?? caller?.applied.sessionId ?? null;
    const meta =
      `{"id":${JSON.stringify(exchange.requestId)},"channel":${channel.idText},"path":${JSON.stringify(path)},` +
      `"method":"POST","branch":${JSON.stringify(exchange.branch)},"origin":${this.parts.originOf(exchange)},` +
      `"claims":${caller?.applied.claimsText ?? '{}'},` +
      (sessionId === null ? '' : `"sessionId":${JSON.stringify(sessionId)},`) +
      `"startDT":${exchange.startedEpochMs}}`;
    const body = Buffer.from(exchange.parameters);
    return {
      ...{ requestId: exchange.requestId, method: 'POST', path, encodedPath: path, query: '', tracestate: null },
      ...{ traceparent: traceparent(exchange.trace), headers: JSON_HEADERS, publicPrefix: '', attempt: 1 },
      ...{ body, bodyLength: body.length, deadline: Infinity },
      event: () =>
        `{"requestMeta":${meta},"sagaMeta":[],"eventMeta":{"parameters":{},"requestTime":${Date.now()}},"payload":${payloadOf(run)}}`,
      requestMeta: () => meta,
    };
  }

  private failed(reply: ErrorReply, { exchange, credentials }: FlowRun): Answer {
    exchange.error = 'RUNNER_ERROR';
    const sent = new Map([...credentials.values].map(([name, { value }]) => [name, value]));
    const message = reply.message === null ? 'the runner reports an error' : withoutSecrets(reply.message, sent);
    const status = statusOfRunnerError(reply.code, reply.status);
    return errorAnswer({ ...reply, status, message, payload: reply.safePayload }, exchange.requestId, null);
  }
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

function payloadOf(run: FlowRun): string {
  const { caller, channel, parameters } = run.exchange;
  const applied = caller?.applied ?? channel!.nobody;
  const own = applied === null ? `{"parameters":${parameters}}` : payloadText(parameters, applied);
  const said = withoutTokens(run.text);
  const members = objectMembers(said) ?? [];
  return editedObject(
    own,
    new Map(members.map(({ name, value, end }) => [name, { kind: 'put', text: said.slice(value, end) }])),
  );
}

/** Null where there is nothing to ask: a rule that is disabled, a crud channel that has no such rule. */
function sagaPath(
  { action, namedType }: FlowRun,
  { protected: { rules } }: CompiledChannel,
  callee: Callee,
): string | null {
  const byPath = new Map(Object.entries(rules).map(([key, rule]) => [normalRuleKey(key), rule]));
  const typed = namedType === null ? null : `/${action}/${namedType}`;
  const path = typed !== null && byPath.has(typed) ? typed : `/${action}`;
  const rule = byPath.get(path);
  if (rule?.isDisabled === true) return null;
  return rule !== undefined || callee.takes === 'event' ? path : null;
}
