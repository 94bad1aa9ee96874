import type { Cancellable } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Exchange } from '../exchange.js';
import { refusal, type Answer, type Refusal } from '../stage.js';
import { answerOutcome, faultOutcome, isFailure, type CallOutcome } from './call-outcome.js';
import type { LimitCounts } from './channel-limits.js';
import type { BreakerGate, GateOutcome, PlaceGate } from './gate.js';
import { refusedFor } from './limit-refusal.js';
import type { RetryRules } from './retry-rules.js';

const BULKHEAD_FULL = refusal('BULKHEAD_FULL');
const BREAKER_OPEN = refusal('BREAKER_OPEN');

/** One try: made by the pipeline. */
export type CallOnce = (exchange: Exchange) => Promise<Answer>;

/** What stands between admission and the backend for one request. */
export interface CallGuards {
  readonly bulkhead: PlaceGate | null;
  readonly breaker: BreakerGate | null;
  readonly retry: RetryRules | null;
  /** Seconds that Retry-After says where the system sets it (server.retryAfter503). */
  readonly retryAfterSeconds: number | null;
  /** Where refusals are counted. */
  readonly counts: LimitCounts | null;
}

/**
 * Bulkhead → breaker → tries (spec/resilience.md). A retry passes the breaker again, and keeps its place in the bulkhead, which is left
 * when the exchange ends, whatever way.
 * @throws what the last try threw
 */
export function guardedCall(exchange: Exchange, guards: CallGuards, once: CallOnce): Promise<Answer | Refusal> {
  const { bulkhead } = guards;
  if (bulkhead === null) return calls(exchange, guards, once);
  const entering = bulkhead.enter(exchange);
  // Each promise on the way costs: who need not wait has none of its own here.
  if (entering !== null || exchange.ended) return waited(exchange, guards, { bulkhead, entering }, once);
  exchange.place = bulkhead;
  return calls(exchange, guards, once);
}

async function waited(
  exchange: Exchange,
  guards: CallGuards,
  { bulkhead, entering }: { readonly bulkhead: PlaceGate; readonly entering: GateOutcome | Promise<GateOutcome> },
  once: CallOnce,
): Promise<Answer | Refusal> {
  const outcome = await entering;
  if (outcome === 'gone') throw clientGone();
  if (outcome !== null) {
    if (guards.counts !== null) guards.counts.bulkhead++;
    exchange.limit = exchange.channel?.limits?.bulkheadNote ?? null;
    return refusedFor(BULKHEAD_FULL, outcome, guards.retryAfterSeconds);
  }
  if (exchange.ended) {
    bulkhead.leave();
    throw clientGone();
  }
  exchange.place = bulkhead;
  return calls(exchange, guards, once);
}

function calls(exchange: Exchange, guards: CallGuards, once: CallOnce): Promise<Answer | Refusal> {
  if (guards.retry !== null) return tries(exchange, guards, guards.retry, once);
  return guards.breaker === null ? once(exchange) : broken(exchange, guards.breaker, guards, once);
}

/** How long the last try took, as the pipeline noted it: a look at the clock costs. */
function msOf({ calledAt, calledTill }: Exchange): number {
  return Math.max(0, calledTill - calledAt);
}

/** One try behind a breaker. */
async function broken(
  exchange: Exchange,
  breaker: BreakerGate,
  { retryAfterSeconds, counts }: CallGuards,
  once: CallOnce,
): Promise<Answer | Refusal> {
  const held = breaker.acquire();
  if (held !== null) {
    if (counts !== null) counts.breaker++;
    exchange.limit = { rule: 'breaker', scope: 'path', state: breaker.stateName };
    return refusedFor(BREAKER_OPEN, held, retryAfterSeconds);
  }
  try {
    const answer = await once(exchange);
    breaker.record(msOf(exchange), isFailure(answer) ? 'failure' : 'success');
    return answer;
  } catch (fault) {
    const outcome = faultOutcome(fault, exchange);
    if (outcome.isOurs) breaker.release();
    else breaker.record(msOf(exchange), isFailure(outcome) ? 'failure' : 'success');
    throw fault;
  }
}

async function tries(
  exchange: Exchange,
  guards: CallGuards,
  retry: RetryRules,
  once: CallOnce,
): Promise<Answer | Refusal> {
  const { breaker } = guards;
  for (let left = retry.count; ; left--) {
    let answer: Answer | null = null;
    let fault: unknown = null;
    try {
      const given = breaker === null ? await once(exchange) : await broken(exchange, breaker, guards, once);
      if (given.kind === 'refusal') return given;
      answer = given;
    } catch (error) {
      fault = error;
    }
    const outcome = answer === null ? faultOutcome(fault, exchange) : answerOutcome(answer, exchange);
    if (left === 0 || !retry.takes(outcome) || !mayRepeat(exchange, outcome, retry)) {
      if (answer === null) throw fault;
      return answer;
    }
    drop(answer, exchange);
    if (retry.waitMs > 0) await new Pause(retry.waitMs, exchange).over;
    if (exchange.cancelled) throw clientGone();
  }
}

/** What is read once and was not kept cannot be sent again; nor is it where nobody waits, or the time of all tries is over by then. */
function mayRepeat(
  { body, deadline, cancelled }: Exchange,
  { isOurs, isUnsent }: CallOutcome,
  retry: RetryRules,
): boolean {
  if (cancelled || (isOurs && !isUnsent) || !(body === null || Buffer.isBuffer(body))) return false;
  return deadline === Infinity || Date.now() + retry.waitMs < deadline;
}

/** Nothing of a try that is followed by another stays. */
function drop(answer: Answer | null, exchange: Exchange): void {
  exchange.error = null;
  exchange.cause = null;
  const body = answer?.body ?? null;
  if (typeof body === 'object' && body !== null && 'cancel' in body) body.cancel();
}

function clientGone(): GatewayError {
  return new GatewayError('BACKEND_BROKE_OFF', { cause: 'the client has gone' });
}

/** The wait before another try; over at once when the client goes. */
class Pause implements Cancellable {
  readonly over: Promise<void>;
  private end!: () => void;
  private readonly timer: NodeJS.Timeout;

  constructor(
    ms: number,
    private readonly exchange: Exchange,
  ) {
    this.over = new Promise((resolve) => (this.end = resolve));
    this.timer = setTimeout(() => this.finish(), ms);
    exchange.onCancel(this);
  }

  cancel(): void {
    this.finish();
  }

  private finish(): void {
    clearTimeout(this.timer);
    this.exchange.onCancel(null);
    this.end();
  }
}
