import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { GatewayOptions } from '../../src/contracts/gateway-options.js';
import { Exchange, type BodySource, type ReplyWriter } from '../../src/gateway/exchange.js';
import type { CompiledChannel, CompiledRule } from '../../src/gateway/resolve/compiled-channel.js';
import { LimitStates } from '../../src/gateway/limit/channel-limits.js';
import { SYSTEM_LIMIT_CLOCK } from '../../src/gateway/limit/gate.js';
import { UserRates } from '../../src/gateway/limit/user-rate/user-rates.js';
import { PathRules } from '../../src/gateway/resolve/path-rules.js';
import type { CallerStages } from '../../src/gateway/authorize/authorize.stage.js';
import type { Answer, Stage } from '../../src/gateway/stage.js';

/** Limits of channels, over the real clock. */
export function someLimits(): LimitStates {
  const rates = new UserRates({ mostBuckets: 1000, expiryMs: 60_000, report: () => undefined });
  return new LimitStates({ clock: SYSTEM_LIMIT_CLOCK, rates, shareOf: (bound) => bound, onBreaker: () => undefined });
}

/** Stages that let all through, but for those that are given. */
type Stages = CallerStages & { readonly limit: Stage };
export function someStages(given: Partial<Stages> = {}): Stages {
  const passing = (name: string): Stage => ({ name, run: () => null });
  return {
    identify: passing('identify'),
    verify: passing('verify'),
    session: passing('session'),
    limit: passing('limit'),
    ...given,
  };
}

/** What a test did not plan for fails it. */
export function unplanned(what: unknown): never {
  throw new Error(`unplanned: ${String(what)}`);
}

export const someOptions = (given: Partial<GatewayOptions> = {}): GatewayOptions => ({
  gatewayId: 'default',
  idPrefix: 'default',
  allowRequestId: false,
  requestIdHeader: 'X-Request-Id',
  requestIdHeaderOn: 'none',
  traceIdHeader: 'X-Trace-Id',
  traceIdHeaderOn: 'none',
  allowBranch: true,
  requestFamilyEnabled: true,
  authFamilyEnabled: true,
  authCallsPerMinute: 600,
  ownSegments: new Set(['admin']),
  controlEnabled: true,
  rateCache: { mostBuckets: 10_000, expiryMs: 120_000 },
  acceptClientTrace: false,
  traceSampling: 1,
  maxBodyBytes: Infinity,
  maxBufferedBytes: 1_024_000,
  maxHeaderBytes: 32_768,
  requestTimeoutMs: 60_000,
  headersTimeoutMs: 15_000,
  keepAliveTimeoutMs: 72_000,
  trustedProxies: { mode: 'none' },
  publicUrl: null,
  securityHeaders: true,
  cors: null,
  csrf: null,
  logRequests: 'all',
  hasManagementListener: false,
  allowUnsignedTokens: false,
  discovery: { consulAddress: null, consulToken: null, dnsServers: [] },
  ...given,
});

/** A body that is here as a whole, or a stream that must not be read whole. */
export class FakeBody implements BodySource {
  complete = false;
  readonly limits: number[] = [];

  constructor(
    private readonly bytes: Buffer | null,
    readonly length: number | null = bytes?.length ?? null,
    private readonly streamed: Readable | null = null,
  ) {}

  get hasBody(): boolean {
    return this.bytes !== null || this.streamed !== null;
  }

  async read(limitBytes: number): Promise<Buffer> {
    this.limits.push(limitBytes);
    return this.bytes ?? unplanned('the body was read');
  }

  stream(limitBytes: number): Readable {
    this.limits.push(limitBytes);
    return this.streamed ?? unplanned('the body was streamed');
  }
}

/** Remembers the one answer that it is given. */
export class FakeReply implements ReplyWriter {
  gone = false;
  answer: Answer | null = null;
  headers: readonly string[] = [];

  send(exchange: Exchange, answer: Answer, headers: readonly string[]): void {
    if (this.answer !== null) unplanned('a second answer');
    exchange.status = answer.status;
    this.answer = answer;
    this.headers = headers;
  }

  abandon(): void {
    unplanned('the reply was abandoned');
  }
}

export interface GivenExchange {
  readonly method?: string;
  /** Normal form, with its extension. */
  readonly path?: string;
  readonly query?: string;
  readonly headers?: IncomingHttpHeaders;
  readonly peer?: string;
  readonly source?: BodySource;
  readonly channel?: CompiledChannel;
  readonly rule?: CompiledRule;
  readonly requestId?: string;
}

export function anExchange(given: GivenExchange = {}): Exchange & { readonly reply: FakeReply } {
  const { method = 'GET', path = '/', query = '', headers = {}, peer = '192.0.2.1' } = given;
  const head = { method, target: query === '' ? path : `${path}?${query}`, headers, peer, httpVersion: '1.1' };
  const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: null, sampled: true };
  const reply = new FakeReply();
  const exchange = new Exchange(head, given.source ?? new FakeBody(null), reply, someOptions());
  exchange.knownTrace = trace;
  exchange.requestId = given.requestId ?? 'default-1-1';
  exchange.path = path;
  exchange.query = query;
  exchange.channel = given.channel ?? null;
  exchange.rule = given.rule ?? null;
  return exchange as Exchange & { readonly reply: FakeReply };
}

export const aRule = (given: Partial<CompiledRule> = {}): CompiledRule => ({
  opensTo: 'everybody',
  admission: [],
  headers: [],
  ownHeaders: new Set(),
  returnsErrorPayload: false,
  logsDetailAsInfo: false,
  retry: null,
  breaker: null,
  ...given,
});

/** A channel whose callee takes what the test says, and is never called. */
export function aCompiledChannel(
  takes: 'event' | 'body' = 'event',
  given: Partial<CompiledChannel> = {},
): CompiledChannel {
  const id = given.id ?? 'orders';
  const path = { byMethod: new Map(), otherwise: aRule(), allow: 'GET, OPTIONS' };
  return {
    id,
    idText: JSON.stringify(id),
    versions: { channel: '1', system: null, token: null },
    targetKey: null,
    protected: { kind: 'channel', id, userToken: null, guestToken: null, rules: {} },
    paths: new PathRules([], path),
    userKind: null,
    guestKind: null,
    nobody: null,
    limits: null,
    outOfForce: null,
    allowedRunnerHeaders: new Set(),
    target: null,
    callee: { takes, execute: () => unplanned('the runner was called') },
    ...given,
  };
}
