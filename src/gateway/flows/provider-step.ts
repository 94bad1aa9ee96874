import { GatewayError } from '../../errors/gateway.error.js';
import { ERRORS, type ErrorName } from '../../errors/error-table.js';
import { traceparent } from '../edge/trace-context.js';
import type { Exchange } from '../exchange.js';
import type { Credentials } from '../identify/credentials/credential.js';
import { NOBODY } from '../identify/provider/bounded-call.js';
import type { CarriedTokens } from '../identify/tokens/carried-tokens.js';
import type { ProviderAnswer } from '../identify/provider/provider-answer.js';
import type { ProviderCalls, ProviderOutcome } from '../identify/provider/provider-client.js';
import { offers, type ProviderAction } from '../identify/provider/provider-rules.js';
import { objectMembers } from '../json/json-text.js';
import { errorAnswer } from '../respond/error-body.js';
import type { Answer, Refusal } from '../stage.js';
import type { FlowRun } from './flow-run.js';
import { TOKEN_INVALID, WRONG_CREDENTIALS } from '../identify/token-refusals.js';
import { FEATURE_OFF } from './feature-off.js';

/** What begins a login; what goes on with one keeps its life. */
const BEGINS: ReadonlySet<ProviderAction> = new Set(['login', 'register']);
const CHANGES: ReadonlySet<ProviderAction> = new Set(['register', 'refresh', 'logout', 'delete', 'custom']);
const REFUSED: Readonly<Partial<Record<ErrorName, Refusal>>> = { WRONG_CREDENTIALS, TOKEN_INVALID };

export interface AskedProvider {
  readonly kind: 'answered';
  readonly answer: ProviderAnswer;
}

/** One call of a flow to the authentication server. */
export class ProviderStep {
  constructor(
    private readonly client: ProviderCalls,
    /** requestMeta.origin as JSON text. */
    private readonly originOf: (exchange: Exchange) => string,
  ) {}

  has(run: FlowRun, action: ProviderAction): boolean {
    return run.kind.provider !== null && offers(run.kind.provider, action);
  }

  /** Whether a login names its user for good: who it was need not be resolved once more. */
  namesUser({ kind: { provider } }: FlowRun): boolean {
    return provider?.kind === 'oidc' && !provider.urls.has('login');
  }

  /**
   * @param extra credentials that stand for those of that name that came
   * @param bad what a client gets where the server refuses the credentials
   * @throws GatewayError where the server failed: 502, 503 or 504
   */
  async ask(
    run: FlowRun,
    action: ProviderAction,
    { extra = {}, bad }: { readonly extra?: Readonly<Record<string, string | null>>; readonly bad: ErrorName },
  ): Promise<AskedProvider | Refusal | Answer> {
    const { exchange, kind } = run;
    if (kind.provider === null) return FEATURE_OFF;
    const outcome = await this.client.call(
      kind.provider,
      {
        ...{ action, type: run.urlType, branch: exchange.branch, deadline: Infinity },
        ...{ requestId: exchange.requestId, traceparent: traceparent(exchange.trace) },
        auth: sentAuth(run, extra),
        written: writtenMembers(run),
        bodyText: exchange.parameters,
        origin: this.originOf(exchange),
        refreshSeconds: run.remembers && BEGINS.has(action) ? kind.longLifeSeconds : null,
      },
      // What was changed at the server must not be lost with its client: a refresh token counts once.
      CHANGES.has(action) ? NOBODY : exchange,
    );
    return outcome.kind === 'answered' ? outcome : unanswered(outcome, exchange, bad);
  }
}

function unanswered(
  outcome: Exclude<ProviderOutcome, { kind: 'answered' }>,
  exchange: Exchange,
  bad: ErrorName,
): Refusal | Answer {
  switch (outcome.kind) {
    case 'missing':
      return FEATURE_OFF;
    case 'failed':
      throw outcome.error;
    case 'refused':
      exchange.cause = `the authentication server refuses (${outcome.code})${outcome.message === null ? '' : `: ${outcome.message}`}`;
      return REFUSED[bad] ?? REFUSED.TOKEN_INVALID!;
    case 'passed': {
      exchange.error = 'PROVIDER_REFUSED';
      const { status, code, message, safePayload } = outcome;
      return errorAnswer(
        { status, code, message: message ?? ERRORS.PROVIDER_REFUSED.message, payload: safePayload },
        exchange.requestId,
        null,
      );
    }
  }
}

/**
 * All that came but the gateway's own tokens, which are nothing to the server; under the names as the body has them, since servers know
 * `transactionId`, and headers have no case.
 */
function sentAuth(run: FlowRun, extra: Readonly<Record<string, string | null>>): ReadonlyMap<string, string> {
  const spelled = new Map(namesIn(run.exchange.parameters).map((name) => [name.toLowerCase(), name]));
  const own = new Set([run.kind.names.tokenName, run.channel.guestKind?.names.tokenName]);
  const sent = new Map<string, string>();
  for (const [name, { value, from }] of run.credentials.values)
    if (!own.has(name)) sent.set((from === 'body' ? spelled.get(name) : undefined) ?? name, value);
  for (const [name, value] of Object.entries(extra)) if (value !== null) sent.set(name, value);
  return sent;
}

/** Numbers, objects and the like of the body, unchanged; texts are in the credentials already. */
function writtenMembers({ exchange, kind, channel, credentials }: FlowRun): ReadonlyMap<string, string> {
  const text = exchange.parameters;
  const own = new Set([kind.names.tokenName, channel.guestKind?.names.tokenName]);
  const written = new Map<string, string>();
  for (const { name, value, end } of objectMembers(text) ?? []) {
    const other = credentials.values.get(name.toLowerCase());
    // Null is none, and what came in a place before the body counts.
    const isPlain = text[value] === '"' || text[value] === 'n';
    if (own.has(name.toLowerCase()) || isPlain || (other !== undefined && other.from !== 'body')) continue;
    written.set(name, text.slice(value, end));
  }
  return written;
}

function namesIn(text: string): string[] {
  return (objectMembers(text) ?? []).map(({ name }) => name);
}

/** What a token carries stands for what came: what is done is done to whom the gateway token names. */
export function ownAuth(carried: CarriedTokens | null): Record<string, string | null> {
  if (carried === null) return {};
  const { accessToken, refreshToken, idToken } = carried;
  return { access_token: accessToken, refresh_token: refreshToken, id_token: idToken };
}

/** What a token carries fills in for what did not come. */
export function carriedAuth(credentials: Credentials, carried: CarriedTokens | null): Record<string, string | null> {
  if (carried === null) return {};
  const extra: Record<string, string | null> = {};
  if (!credentials.values.has('access_token')) extra.access_token = carried.accessToken;
  if (!credentials.values.has('refresh_token')) extra.refresh_token = carried.refreshToken;
  if (!credentials.values.has('id_token')) extra.id_token = carried.idToken;
  return extra;
}

/** The record's claims have a user's id, and the server's answer none. */
export function namesNobody(): GatewayError {
  return new GatewayError('BACKEND_FAILED', { cause: 'the authentication server named a user without an id' });
}

/** The server said yes, and told nothing. */
export function saidNothing(): GatewayError {
  return new GatewayError('BACKEND_FAILED', {
    cause: 'the authentication server answered with neither tokens nor a user nor a stage',
  });
}
