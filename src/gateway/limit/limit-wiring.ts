import type { ProcessLog } from '../../observability/logger.js';
import type { Metrics } from '../../observability/metrics.js';
import type { HttpWiring } from '../execute/http-wiring.js';
import type { Routes } from '../resolve/route-table.js';
import { LimitStates } from './channel-limits.js';
import { SYSTEM_LIMIT_CLOCK } from './gate.js';
import { addLimitMetrics } from './limit-metrics.js';

/** The limits of a process that serves. */
export function wireLimits(wiring: HttpWiring, metrics: Metrics, log: ProcessLog): LimitStates {
  const limits = new LimitStates({
    clock: SYSTEM_LIMIT_CLOCK,
    shareOf: (bound) => wiring.shareOf(bound),
    onBreaker: (channel, { path, from, to }) => {
      const isBad = to === 'open' || to === 'forced_open';
      log.log(isBad ? 'warn' : 'info', 'A circuit breaker changes its state.', { channel, path, from, to });
    },
  });
  addLimitMetrics(metrics, limits);
  return limits;
}

/** Ids of the channels that have limits. */
export function limitedChannels({ channels }: Routes): { has(id: string): boolean } {
  return { has: (id) => (channels.get(id)?.limits ?? null) !== null };
}
