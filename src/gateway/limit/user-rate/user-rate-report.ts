import type { Finding, FindingBoard } from '../../../contracts/components.js';
import type { RateStore } from '../../../contracts/rate-store.js';
import type { Metrics } from '../../../observability/metrics.js';
import type { StoreReport } from './store-watch.js';
import type { UserRates } from './user-rates.js';

const REPORTER = 'user-rates';
const SERVICE_AT_FAULT = 17003;

type Tell = (level: 'warn' | 'info', message: string, fields: Readonly<Record<string, unknown>>) => void;

/** Tells operators of stores of rates that are away: once in the log, and in health details as long as it lasts. */
export function storeReport(board: Pick<FindingBoard, 'replace'>, log: Tell): StoreReport {
  const away = new Map<RateStore, Finding>();
  return (store, problem) => {
    if (problem === null) {
      away.delete(store);
      log('info', 'The store of user rates can be had again.', { store: store.name });
    } else {
      const message = `${store.name} cannot be had (${problem}): each replica limits users by itself, nobody is refused for it`;
      away.set(store, {
        ...{ kind: 'service', id: store.name, severity: 'warning', pointer: '' },
        ...{ code: SERVICE_AT_FAULT, message },
      });
      const text = 'The store of user rates cannot be had: each replica limits by itself.';
      log('warn', text, { store: store.name, reason: problem });
    }
    board.replace(REPORTER, [...away.values()]);
  };
}

export function addUserRateMetrics(metrics: Metrics, rates: UserRates): void {
  const { counts } = rates;
  metrics.addGauge('sluice_rate_buckets', 'Buckets of user rates that are known.', () => rates.size);
  metrics.addGauge(
    'sluice_rate_stores_away',
    'Stores of user rates that cannot be had.',
    () => rates.away.length,
    'max',
  );
  metrics.addCounter('sluice_rate_store_calls_total', 'Calls of stores of user rates.', () => counts.calls);
  metrics.addCounter('sluice_rate_store_failures_total', 'Calls of those that failed.', () => counts.failures);
  metrics.addCounter(
    'sluice_rate_alone_total',
    'Requests that were limited without the store that is meant.',
    () => counts.alone,
  );
}
