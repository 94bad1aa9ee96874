import type { Cancellable } from '../../contracts/executor.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Exchange } from '../exchange.js';
import { refusal, type Answer, type Refusal } from '../stage.js';
import { answerOutcome, faultOutcome, isFailure, type CallOutcome } from './call-outcome.js';
import type { LimitCounts } from './channel-limits.js';
import type { BreakerGate, PlaceGate } from './gate.js';
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
export async function guardedCall(exchange: Exchange, guards: CallGuards, once: CallOnce): Promise<Answer | Refusal> {
  const { bulkhead, retryAfterSeconds } = guards;
  if (bulkhead !== null) {
    const entering = bulkhead.enter(exchange);
    const outcome = entering instanceof Promise ? await entering : entering;
    if (outcome === 'gone') throw clientGone();
    if (outcome !== null && guards.counts !== null) guards.counts.bulkhead++;
    if (outcome !== null) return refusedFor(BULKHEAD_FULL, outcome, retryAfterSeconds);
    if (exchange.ended) {
      bulkhead.leave();
      throw clientGone();
    }
    exchange.place = bulkhead;
  }
  return tries(exchange, guards, once);
}

async function tries(exchange: Exchange, guards: CallGuards, once: CallOnce): Promise<Answer | Refusal> {
  const { retry } = guards;
  for (let left = retry?.count ?? 0; ; left--) {
    const tried = await tryOnce(exchange, guards, once);
    if (tried.kind === 'refused') return tried.refusal;
    const isLast = left === 0 || retry === null || tried.outcome.isOurs || !mayRepeat(exchange);
    if (isLast || !retry.takes(tried.outcome)) return given(tried);
    const isInTime = exchange.deadline === Infinity || Date.now() + retry.waitMs < exchange.deadline;
    if (!isInTime) return given(tried);
    dropAnswer(tried, exchange);
    if (retry.waitMs > 0) await new Pause(retry.waitMs, exchange).over;
    if (exchange.cancelled) throw clientGone();
  }
}

type Tried =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'answer'; readonly answer: Answer; readonly outcome: CallOutcome }
  | { readonly kind: 'fault'; readonly fault: unknown; readonly outcome: CallOutcome };

async function tryOnce(
  exchange: Exchange,
  { breaker, retryAfterSeconds, counts }: CallGuards,
  once: CallOnce,
): Promise<Tried> {
  const held = breaker?.acquire() ?? null;
  if (held !== null && counts !== null) counts.breaker++;
  if (held !== null) return { kind: 'refused', refusal: refusedFor(BREAKER_OPEN, held, retryAfterSeconds) };
  const begunAt = performance.now();
  let tried: Exclude<Tried, { kind: 'refused' }>;
  try {
    const answer = await once(exchange);
    tried = { kind: 'answer', answer, outcome: answerOutcome(answer, exchange) };
  } catch (fault) {
    tried = { kind: 'fault', fault, outcome: faultOutcome(fault, exchange) };
  }
  if (breaker !== null) {
    if (tried.outcome.isOurs) breaker.release();
    else breaker.record(performance.now() - begunAt, isFailure(tried.outcome) ? 'failure' : 'success');
  }
  return tried;
}

function given(tried: Exclude<Tried, { kind: 'refused' }>): Answer {
  if (tried.kind === 'fault') throw tried.fault;
  return tried.answer;
}

/** What is read once and was not kept cannot be sent again. */
function mayRepeat({ body }: Exchange): boolean {
  return body === null || Buffer.isBuffer(body);
}

function dropAnswer(tried: Exclude<Tried, { kind: 'refused' }>, exchange: Exchange): void {
  exchange.error = null;
  exchange.cause = null;
  if (tried.kind === 'fault') return;
  const { body } = tried.answer;
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
