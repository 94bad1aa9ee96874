import type { TrustedProxies } from '../../contracts/trusted-proxies.js';
import { clientAddress } from '../edge/origin.js';
import type { Exchange } from '../exchange.js';
import { refusal, type Refusal, type Stage, type Verdict } from '../stage.js';
import type { ChannelLimits, UserLimits } from './channel-limits.js';
import type { GateOutcome } from './gate.js';
import { userRateNote } from './limit-note.js';
import { refusedFor } from './limit-refusal.js';
import type { ChargedBucket } from './user-rate/bucket-spec.js';
import type { RateRefusal } from './user-rate/lease-call.js';
import { limitItem, policyItem } from './user-rate/rate-limit-fields.js';

const RATE_LIMITED = refusal('RATE_LIMITED');
const USER_RATE_LIMITED = refusal('USER_RATE_LIMITED');
/** Who has gone gets no answer. */
const NEVER_READ = Object.freeze({ kind: 'refused', retryAfterMs: null });

type Taken = null | RateRefusal | 'gone';

/**
 * Limit, after who calls is known: the channel's global rate, then those of its users and addresses (spec/resilience.md). One for all
 * channels: their limits stand with them. Answers tell what is left (IETF draft 10 of RateLimit headers).
 */
export class LimitStage implements Stage {
  readonly name = 'limit';

  constructor(private readonly proxies: TrustedProxies) {}

  run(exchange: Exchange): Verdict | Promise<Verdict> {
    const limits = exchange.channel!.limits!;
    const outcome = limits.globalRate === null ? null : limits.globalRate.enter(exchange);
    return outcome instanceof Promise ? this.wait(outcome, exchange, limits) : this.entered(outcome, exchange, limits);
  }

  private async wait(pending: Promise<GateOutcome>, exchange: Exchange, limits: ChannelLimits): Promise<Verdict> {
    return this.entered(await pending, exchange, limits);
  }

  private entered(outcome: GateOutcome, exchange: Exchange, limits: ChannelLimits): Verdict | Promise<Verdict> {
    if (outcome !== null) return refusedByRate(outcome, exchange, limits);
    if (limits.users !== null) return this.take(exchange, limits, limits.users);
    tell(exchange, limits, NO_BUCKETS);
    return null;
  }

  private take(exchange: Exchange, limits: ChannelLimits, { plan, link }: UserLimits): Verdict | Promise<Verdict> {
    const { caller, headers, head } = exchange;
    const buckets = plan.bucketsOf({
      path: exchange.runnerPath,
      userId: caller?.applied.originId ?? null,
      userType: caller?.applied.originType ?? null,
      address: clientAddress(headers, head.peer, this.proxies),
    });
    const taken = buckets.length === 0 ? null : link.take(buckets, exchange);
    if (taken instanceof Promise) return this.waitForStore(taken, exchange, limits, buckets);
    return told(taken, exchange, limits, buckets);
  }

  private async waitForStore(
    pending: Promise<Taken>,
    exchange: Exchange,
    limits: ChannelLimits,
    buckets: readonly ChargedBucket[],
  ): Promise<Verdict> {
    return told(await pending, exchange, limits, buckets);
  }
}

const NO_BUCKETS: readonly ChargedBucket[] = [];

function refusedByRate(outcome: Exclude<GateOutcome, null>, exchange: Exchange, limits: ChannelLimits): Refusal {
  limits.refused.globalRate++;
  tell(exchange, limits, NO_BUCKETS);
  const refused = outcome === 'gone' ? NEVER_READ : outcome;
  if (outcome !== 'gone') exchange.limit = limits.globalNote;
  return refusedFor(RATE_LIMITED, refused, exchange.channel!.callee?.bounds?.retryAfterSeconds ?? null);
}

function told(
  taken: Taken,
  exchange: Exchange,
  limits: ChannelLimits,
  buckets: readonly ChargedBucket[],
): Refusal | null {
  tell(exchange, limits, buckets);
  if (taken === null) return null;
  limits.refused.userRate++;
  if (taken === 'gone') return refusedFor(USER_RATE_LIMITED, NEVER_READ, null);
  exchange.limit = userRateNote(taken.policy, taken.limit, taken.periodMs);
  return refusedFor(USER_RATE_LIMITED, { kind: 'refused', retryAfterMs: taken.retryAfterMs }, null);
}

/** RateLimit-Policy and RateLimit, several as a list. */
function tell(
  exchange: Exchange,
  { globalRate, globalPolicy }: ChannelLimits,
  buckets: readonly ChargedBucket[],
): void {
  let policy = globalRate === null ? '' : globalPolicy;
  let left =
    globalRate === null ? '' : `"global";r=${globalRate.available};t=${Math.ceil(globalRate.msToReset / 1000)}`;
  const now = buckets.length === 0 ? 0 : performance.now();
  for (const bucket of buckets) {
    // One before it refused, and this was not looked at.
    if (bucket.entry === null) continue;
    policy += policy === '' ? policyItem(bucket.spec) : `, ${policyItem(bucket.spec)}`;
    left += left === '' ? limitItem(bucket, now) : `, ${limitItem(bucket, now)}`;
  }
  if (policy === '') return;
  exchange.addHeader('RateLimit-Policy', policy);
  exchange.addHeader('RateLimit', left);
}
