import type { Cancellation } from '../../../contracts/executor.js';
import type { GatewayError } from '../../../errors/gateway.error.js';
import { boundedCall } from './bounded-call.js';
import { calleeOf, type CurrentRoutes } from './channel-callee.js';
import { providerAnswer, type ProviderAnswer } from './provider-answer.js';
import type { ChannelRules, ProviderAction, ProviderRules } from './provider-rules.js';
import { settingsText, type FilledUrl } from './url-template.js';
import { readReply, type ErrorReply } from './read-reply.js';
import { ServerCall, type CallIds } from './server-call.js';
import { serverFailure, statusFailure } from './server-failure.js';
import { withoutSecrets } from './without-secrets.js';

export interface ProviderRequest extends CallIds {
  readonly action: ProviderAction;
  /** Fills `{type}` in the URL. */
  readonly type: string;
  /** requestMeta.auth: the credentials, and every other parameter that came, unchanged. */
  readonly auth: ReadonlyMap<string, string>;
  /** JSON texts that stand in requestMeta.auth, also for a text of that name: what came as a number, an object and the like. */
  readonly written?: ReadonlyMap<string, string>;
  /** payload.parameters: what the client sent, as JSON text. */
  readonly bodyText: string;
  /** requestMeta.origin as JSON text. */
  readonly origin: string;
  /** `main` where it is not said. */
  readonly branch?: string;
  /** Life that the refresh token shall have (remember=true): a setting of this call. */
  readonly refreshSeconds?: number | null;
  /** Epoch ms by which the flow has to end; Infinity: only the provider's own limit holds. */
  readonly deadline: number;
}

export type ProviderOutcome =
  | { readonly kind: 'answered'; readonly answer: ProviderAnswer }
  /** Bad credentials. The message is for the log alone: clients get one and the same whatever was wrong. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string | null }
  /** 400 and 409 of register, delete and custom: what the client is told. */
  | {
      readonly kind: 'passed';
      readonly status: 400 | 409;
      readonly code: number;
      readonly message: string | null;
      /** JSON text. */
      readonly safePayload: string | null;
    }
  /** 502, 503 or 504. */
  | { readonly kind: 'failed'; readonly error: GatewayError }
  /** No URL for that action, or no such channel in force: 17006. */
  | { readonly kind: 'missing' };

/** Asks authentication servers, of whatever kind. Never throws. */
export interface ProviderCalls {
  call(rules: ProviderRules, request: ProviderRequest, cancellation: Cancellation): Promise<ProviderOutcome>;
}

export interface ProviderOptions {
  /** Bytes of an answer (codecs.memory.maxSize). */
  readonly maxAnswerBytes: number;
  /** Epoch ms. */
  readonly now: () => number;
}

const MISSING: ProviderOutcome = Object.freeze({ kind: 'missing' });
/** Whose 400 and 409 are the client's own mistakes. */
const PASSES: ReadonlySet<ProviderAction> = new Set(['register', 'delete', 'custom']);
/** Missing, expired, invalid token, as the identity runner says it. */
const TOKEN_CODES: ReadonlySet<number> = new Set([10123, 10124, 10125]);

/**
 * Asks authentication servers over channels of this gateway (spec/identity.md, "Provider"). Never tries again: an attempt counts, and
 * what was registered or refreshed once must not be so twice. Never throws, and says nothing of credentials.
 */
export class ProviderClient implements ProviderCalls {
  constructor(
    private readonly routes: CurrentRoutes,
    private readonly options: ProviderOptions,
  ) {}

  async call(rules: ChannelRules, request: ProviderRequest, cancellation: Cancellation): Promise<ProviderOutcome> {
    const template = rules.urls.get(request.action);
    const filled = template?.fill({ type: request.type }) ?? null;
    const url = filled === null ? null : withRefreshLife(filled, request.refreshSeconds ?? null);
    const callee = calleeOf(this.routes, rules.channel);
    if (url === null || callee === null) return MISSING;
    const nowMs = this.options.now();
    const deadline = Math.min(request.deadline, nowMs + rules.timeoutMs);
    const message = {
      requestId: request.requestId,
      traceparent: request.traceparent,
      channel: rules.channel,
      url,
      origin: request.origin,
      parameters: request.bodyText === '' ? '{}' : request.bodyText,
      auth: authText(request.auth, request.written ?? NOTHING_WRITTEN),
      branch: request.branch ?? 'main',
      plainBody: null,
      deadline,
    };
    const bounds = { timeoutMs: deadline - nowMs, maxBytes: this.options.maxAnswerBytes, cancellation };
    try {
      const reply = readReply(
        await boundedCall(callee, new ServerCall(message, callee.takes), bounds),
        callee.takes === 'body',
      );
      if (reply.kind === 'error') return errorOutcome(reply, request);
      return { kind: 'answered', answer: providerAnswer(reply, request) };
    } catch (error) {
      return { kind: 'failed', error: serverFailure(error) };
    }
  }
}

function errorOutcome(reply: ErrorReply, { action, auth }: ProviderRequest): ProviderOutcome {
  const { status, code, safePayload } = reply;
  const message = reply.message === null ? null : withoutSecrets(reply.message, auth);
  if (status === 401 || status === 403 || TOKEN_CODES.has(code)) return { kind: 'refused', code, message };
  if ((status === 400 || status === 409) && PASSES.has(action))
    return { kind: 'passed', status, code, message, safePayload };
  return { kind: 'failed', error: statusFailure(status, safePayload) };
}

/** What the record says of all logins gives way to what a login asks to be remembered by. */
function withRefreshLife(url: FilledUrl, seconds: number | null): FilledUrl {
  if (seconds === null) return url;
  const query = new URLSearchParams(url.query);
  query.set('refreshExpiration', String(seconds));
  return { ...url, query: query.toString(), settingsText: settingsText(query.toString()) };
}

const NOTHING_WRITTEN: ReadonlyMap<string, string> = new Map();

function authText(auth: ReadonlyMap<string, string>, written: ReadonlyMap<string, string>): string {
  const texts = [...auth].filter(([name]) => !written.has(name)).map(([name, value]) => [name, JSON.stringify(value)]);
  // No object in between: a parameter may be called __proto__.
  return `{${[...texts, ...written].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}
