import type { GatewayOptions } from '../contracts/gateway-options.js';
import { GatewayError } from '../errors/gateway.error.js';
import { idHeaderNames } from './edge/answer-ids.js';
import { corsVerdict } from './edge/cors.js';
import type { Exchange } from './exchange.js';
import { Call } from './execute/call.js';
import type { RequestFamily } from './families/request.family.js';
import type { CompiledRule } from './resolve/compiled-channel.js';
import { guardedCall } from './limit/guarded-call.js';
import { answerEvent } from './respond/answer-event.js';
import { answerFault, answerRefusal } from './respond/error-body.js';
import type { Answer, Refusal, Stage, Verdict } from './stage.js';

/** What the pipeline tells to whoever counts and logs. */
export interface PipelineEyes {
  ignoredOrigin: () => void;
  /** Whether the answer's text is to be kept for the log. */
  wantsDetail: (exchange: Exchange) => boolean;
  /** Whether each try of a sampled trace is kept for its span. */
  keepsTries: boolean;
}

/**
 * ★ Start here: the way of a request (spec/README.md, docs/request-lifecycle.md).
 *
 *   edge       before us, in edge/listener.ts: wire rules, request id, trace, normal path
 *   cors       preflights, and whether the page's origin may call    edge/cors.ts
 *   resolve    channel, alias, branch, path rule                     families/, resolve/
 *   admit      the rule's stages in order, compiled once:            resolve/channel-compiler.ts
 *              identify → authorize → limit → session
 *   read       what the client sent, now that it may                 families/request-body.ts
 *   execute    the channel's callee                                  execute/
 *   respond    payload or error, headers, format                     respond/
 *   record     after the reply, in edge/listener.ts                  record/
 *
 * A refusal is a value and leaves at once; a fault is an exception and is answered in one place.
 */
export class Pipeline {
  private readonly idHeaders: ReadonlySet<string>;

  constructor(
    private readonly options: GatewayOptions,
    private readonly eyes: PipelineEyes,
    /** Headers of answers that no rule governs (unknown channel, bad wire). */
    private readonly plainHeaders: readonly string[],
  ) {
    this.idHeaders = idHeaderNames(options);
  }

  run(exchange: Exchange, family: RequestFamily): void {
    const verdict = this.crossOrigin(exchange) ?? family.resolve(exchange) ?? admit(exchange.rule!.admission, exchange);
    if (verdict === null) void this.proceed(exchange, family);
    else if (verdict instanceof Promise) void this.proceedWhenAdmitted(verdict, exchange, family);
    else this.respond(exchange, verdict);
  }

  /** Stands before anything is resolved: a preflight is answered whatever its path. */
  private crossOrigin(exchange: Exchange): Verdict {
    const { cors, trustedProxies } = this.options;
    return cors === null ? null : corsVerdict(exchange.head, cors, trustedProxies);
  }

  private async proceedWhenAdmitted(
    pending: Promise<Verdict>,
    exchange: Exchange,
    family: RequestFamily,
  ): Promise<void> {
    let verdict: Verdict;
    try {
      verdict = await pending;
    } catch (fault) {
      return this.respond(exchange, answerFault(fault, exchange));
    }
    if (verdict !== null) this.respond(exchange, verdict);
    else await this.proceed(exchange, family);
  }

  private async proceed(exchange: Exchange, family: RequestFamily): Promise<void> {
    let answer: Verdict;
    try {
      const read = family.read(exchange);
      const refused = read instanceof Promise ? await read : read;
      answer = refused ?? (await this.call(exchange));
    } catch (fault) {
      answer = answerFault(fault, exchange);
    }
    this.respond(exchange, answer);
  }

  /** The call with all its tries, behind what guards its backend. */
  private call(exchange: Exchange): Promise<Answer | Refusal> {
    const { callee, limits } = exchange.channel!;
    const { retry, breaker: rules } = exchange.rule!;
    const bounds = callee!.bounds ?? null;
    if (bounds !== null && bounds.totalTimeoutMs !== null) exchange.deadline = Date.now() + bounds.totalTimeoutMs;
    const bulkhead = limits?.bulkhead ?? null;
    if (retry === null && rules === null && bulkhead === null) return this.execute(exchange);
    const breaker = rules === null || limits === null ? null : limits.breakerOf(rules, exchange.runnerPath);
    const retryAfterSeconds = bounds?.retryAfterSeconds ?? null;
    return guardedCall(
      exchange,
      { bulkhead, breaker, retry, retryAfterSeconds, counts: limits?.refused ?? null },
      this.once,
    );
  }

  private readonly once = (exchange: Exchange): Promise<Answer> => this.execute(exchange);

  /** One try and its answer; may run many times for one exchange (retries, event streams). */
  private async execute(exchange: Exchange): Promise<Answer> {
    const channel = exchange.channel!;
    const rule = exchange.rule!;
    exchange.attempts++;
    exchange.calledAt = performance.now();
    const tried = this.eyes.keepsTries && exchange.trace.sampled ? exchange.beginTry(exchange.calledAt) : null;
    try {
      const call = new Call(exchange, this.options, tried, this.eyes.ignoredOrigin);
      if (exchange.cancelled) throw new GatewayError('BACKEND_BROKE_OFF', { cause: 'the client has gone' });
      const answer = await channel.callee!.execute(call, exchange);
      tried?.answered(answer.status);
      if (answer.kind === 'event') {
        const made = answerEvent(answer.text, answer.status, exchange, {
          returnsErrorPayload: rule.returnsErrorPayload,
          allowedRunnerHeaders: channel.allowedRunnerHeaders,
        });
        if (made.code !== null) tried?.answered(answer.status, exchange.error);
        return made.headers === null
          ? made
          : { ...made, headers: located(this.withoutOwn(made.headers, rule), exchange) };
      }
      const headers = this.withoutOwn(answer.headers, rule);
      return { kind: 'answer', status: answer.status, headers, body: answer.body, contentType: null, code: null };
    } catch (fault) {
      tried?.failed(fault);
      throw fault;
    } finally {
      exchange.calledTill = performance.now();
      tried?.ended(exchange.calledTill);
    }
  }

  /** An answer that the gateway makes itself: the flows of the auth family. */
  serve(exchange: Exchange, work: (exchange: Exchange) => Promise<Exclude<Verdict, null>>): void {
    const verdict = this.crossOrigin(exchange);
    if (verdict === null) void this.worked(exchange, work);
    else this.respond(exchange, verdict);
  }

  private async worked(
    exchange: Exchange,
    work: (exchange: Exchange) => Promise<Exclude<Verdict, null>>,
  ): Promise<void> {
    let answer: Exclude<Verdict, null>;
    try {
      answer = await work(exchange);
    } catch (fault) {
      answer = answerFault(fault, exchange);
    }
    this.respond(exchange, answer);
  }

  /** Also for what never reached a family: a bad wire, a path that is nobody's. */
  respond(exchange: Exchange, verdict: Exclude<Verdict, null>): void {
    const answer = verdict.kind === 'refusal' ? answerRefusal(verdict, exchange) : verdict;
    if (typeof answer.body === 'string' && this.eyes.wantsDetail(exchange)) exchange.detail = answer.body;
    try {
      exchange.reply.send(exchange, answer, exchange.rule?.headers ?? this.plainHeaders);
    } catch (fault) {
      // Nothing more can be said to this client; the record tells.
      exchange.cause = fault;
      exchange.error = 'INTERNAL';
      exchange.reply.abandon();
    }
  }

  /** The gateway's own headers always win over a runner's. */
  private withoutOwn(headers: readonly string[], rule: CompiledRule): readonly string[] {
    if (rule.ownHeaders.size === 0 && this.idHeaders.size === 0) return headers;
    const kept: string[] = [];
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index]!.toLowerCase();
      if (!rule.ownHeaders.has(name) && !this.idHeaders.has(name)) kept.push(headers[index]!, headers[index + 1]!);
    }
    return kept;
  }
}

/** Runs stages in order until one has something to say; awaited only where one must wait. */
export function admit(stages: readonly Stage[], exchange: Exchange, from = 0): Verdict | Promise<Verdict> {
  for (let index = from; index < stages.length; index++) {
    const verdict = stages[index]!.run(exchange);
    if (verdict instanceof Promise) return admitRest(verdict, stages, exchange, index + 1);
    if (verdict !== null) return verdict;
  }
  return null;
}

async function admitRest(
  pending: Promise<Verdict>,
  stages: readonly Stage[],
  exchange: Exchange,
  next: number,
): Promise<Verdict> {
  return (await pending) ?? admit(stages, exchange, next);
}

/** A runner's Location names its own address: clients get the channel's. */
function located(headers: readonly string[], { channel, publicPrefix }: Exchange): readonly string[] {
  const { callee } = channel!;
  return headers.map((item, index) =>
    index % 2 === 1 && headers[index - 1] === 'location'
      ? (callee!.publicLocation?.(item, publicPrefix) ?? item)
      : item,
  );
}
