import type { Metrics } from '../../observability/metrics.js';
import type { Crew } from './crew.js';

/** How the workers are (docs/metrics.md). */
export function addSupervisorMetrics(
  metrics: Metrics,
  crew: Crew,
  counts: { workers: number; missing: () => number },
): void {
  metrics.addGauge('sluice_workers', 'Workers of this host, as set.', () => counts.workers);
  metrics.addGauge('sluice_workers_ready', 'Workers that serve.', () => crew.readyCount);
  metrics.add({
    name: 'sluice_worker_restarts_total',
    help: 'Workers that ended and were started again, by reason.',
    type: 'counter',
    samples: () =>
      Object.entries(crew.restarts).map(([reason, value]) => ({
        ...{ name: 'sluice_worker_restarts_total', labels: { reason }, value },
      })),
  });
  metrics.addCounter('sluice_worker_lost_requests_total', 'Requests under way in workers that ended.', () => crew.lost);
  metrics.addCounter(
    'sluice_worker_metrics_missing_total',
    'Workers that did not tell their metrics in time.',
    counts.missing,
  );
}
