import type { FindingBoard } from '../../contracts/components.js';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { RateStores } from '../../contracts/rate-store.js';
import type { ProcessLog } from '../../observability/logger.js';
import type { Metrics } from '../../observability/metrics.js';
import type { HttpWiring } from '../execute/http-wiring.js';
import type { Routes } from '../resolve/route-table.js';
import { LimitStates } from './channel-limits.js';
import { SYSTEM_LIMIT_CLOCK } from './gate.js';
import { addLimitMetrics } from './limit-metrics.js';
import { addUserRateMetrics, storeReport } from './user-rate/user-rate-report.js';
import { UserRates } from './user-rate/user-rates.js';

export interface LimitPorts {
  readonly options: Pick<GatewayOptions, 'rateCache'>;
  readonly wiring: HttpWiring;
  readonly metrics: Metrics;
  readonly board: FindingBoard;
  readonly log: ProcessLog;
}

/** The limits of a process that serves. */
export function wireLimits({ options, wiring, metrics, board, log }: LimitPorts): LimitStates {
  const rates = new UserRates({
    ...options.rateCache,
    report: storeReport(board, (...told) => log.log(...told)),
  });
  const limits = new LimitStates({
    clock: SYSTEM_LIMIT_CLOCK,
    rates,
    shareOf: (bound) => wiring.shareOf(bound),
    onBreaker: (channel, { path, from, to }) => {
      const isBad = to === 'open' || to === 'forced_open';
      log.log(isBad ? 'warn' : 'info', 'A circuit breaker changes its state.', { channel, path, from, to });
    },
  });
  addLimitMetrics(metrics, limits);
  addUserRateMetrics(metrics, rates);
  return limits;
}

/** Ids of the channels that have limits. */
export function limitedChannels({ channels }: Routes): { has(id: string): boolean } {
  return { has: (id) => (channels.get(id)?.limits ?? null) !== null };
}

/** Lets go of stores that no channel counts in any more, once leased tokens are back there. */
export function retainStores(limits: LimitStates, stores: Pick<RateStores, 'retain'>): void {
  const used = limits.stores();
  void limits.rates.retain(used).then(() => stores.retain(used));
}
