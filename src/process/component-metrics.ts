import { ComponentStore } from '../components/component-store.js';
import { SnapshotKeeper } from '../components/snapshot/snapshot-keeper.js';
import type { FindingBoard } from '../contracts/components.js';
import { COMPONENT_KINDS } from '../contracts/records.js';
import type { Metrics } from '../observability/metrics.js';

const secondsOf = (date: Date | null): number => (date === null ? 0 : date.getTime() / 1000);

/** How loading goes, what is in force and what is wrong with it (docs/metrics.md). */
export function addComponentMetrics(
  metrics: Metrics,
  parts: { readonly store: ComponentStore; readonly keeper: SnapshotKeeper; readonly board: FindingBoard },
): void {
  const { store, keeper, board } = parts;
  metrics.add({
    name: 'sluice_config_findings',
    help: 'Faults and warnings of records that stand now.',
    type: 'gauge',
    across: 'max',
    *samples() {
      for (const severity of ['fault', 'warning']) {
        const value = board.standing().filter((finding) => finding.severity === severity).length;
        yield { name: 'sluice_config_findings', labels: { severity }, value };
      }
    },
  });
  metrics.add({
    name: 'sluice_config_components',
    help: 'Records by kind.',
    type: 'gauge',
    across: 'max',
    *samples() {
      for (const kind of COMPONENT_KINDS)
        yield {
          name: 'sluice_config_components',
          labels: { kind },
          value: store.current()?.records[kind].size ?? 0,
        };
    },
  });
  metrics.add({
    name: 'sluice_config_loads_total',
    help: 'Loads by result.',
    type: 'counter',
    *samples() {
      const { goodLoads, failedLoads } = store.status();
      yield { name: 'sluice_config_loads_total', labels: { result: 'good' }, value: goodLoads };
      yield { name: 'sluice_config_loads_total', labels: { result: 'failed' }, value: failedLoads };
    },
  });
  metrics.addGauge(
    'sluice_config_last_good_load_timestamp_seconds',
    'When a load was good last; 0 never.',
    () => secondsOf(store.status().lastGoodLoadAt),
    'min',
  );
  metrics.addGauge(
    'sluice_config_source_up',
    '1 where the last load was good.',
    () => {
      const { goodLoads, isFailing } = store.status();
      return goodLoads > 0 && !isFailing ? 1 : 0;
    },
    'min',
  );
  metrics.addGauge(
    'sluice_config_stands_in',
    '1 while the last known good snapshot serves.',
    () => (store.status().standsIn ? 1 : 0),
    'max',
  );
  metrics.addGauge(
    'sluice_config_snapshot_timestamp_seconds',
    'When this process wrote the snapshot last; 0 never.',
    () => secondsOf(keeper.lastSavedAt),
    'max',
  );
  metrics.addGauge(
    'sluice_config_snapshot_failing',
    '1 while the snapshot cannot be written.',
    () => (keeper.problem === null ? 0 : 1),
    'max',
  );
}
