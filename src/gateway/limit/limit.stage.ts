import type { Exchange } from '../exchange.js';
import { refusal, type Refusal, type Stage, type Verdict } from '../stage.js';
import type { ChannelLimits } from './channel-limits.js';
import type { GateOutcome } from './gate.js';
import { refusedFor } from './limit-refusal.js';

const RATE_LIMITED = refusal('RATE_LIMITED');

/**
 * Limit, after who calls is known: the channel's global rate (spec/resilience.md). One for all channels: their limits stand with them.
 * Answers tell what is left (IETF draft 10 of RateLimit headers).
 */
export class LimitStage implements Stage {
  readonly name = 'limit';

  run(exchange: Exchange): Verdict | Promise<Verdict> {
    const limits = exchange.channel!.limits!;
    const { globalRate } = limits;
    if (globalRate === null) return null;
    const outcome = globalRate.enter(exchange);
    return outcome instanceof Promise ? this.wait(outcome, exchange, limits) : this.told(outcome, exchange, limits);
  }

  private async wait(pending: Promise<GateOutcome>, exchange: Exchange, limits: ChannelLimits): Promise<Verdict> {
    return this.told(await pending, exchange, limits);
  }

  private told(outcome: GateOutcome, exchange: Exchange, limits: ChannelLimits): Refusal | null {
    const { globalRate, globalPolicy } = limits;
    if (globalRate !== null) {
      const seconds = Math.ceil(globalRate.msToReset / 1000);
      exchange.addHeader('RateLimit-Policy', globalPolicy);
      exchange.addHeader('RateLimit', `"global";r=${globalRate.available};t=${seconds}`);
    }
    if (outcome === null) return null;
    limits.refused.globalRate++;
    // Who has gone gets no answer.
    const refused = outcome === 'gone' ? NEVER_READ : outcome;
    return refusedFor(RATE_LIMITED, refused, exchange.channel!.callee?.bounds?.retryAfterSeconds ?? null);
  }
}

const NEVER_READ = Object.freeze({ kind: 'refused', retryAfterMs: null });
