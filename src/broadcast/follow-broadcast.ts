import type { FindingBoard } from '../contracts/components.js';
import type { Metrics } from '../observability/metrics.js';
import type { BroadcastHub } from './broadcast-hub.js';

const BAD_SERVICE = 17003;

/** What operators see of it: metrics (docs/metrics.md), and a warning in health while messages do not get through. */
export function followBroadcast(hub: BroadcastHub, metrics: Metrics, board: FindingBoard): void {
  hub.onProblems((problems) =>
    board.replace(
      'broadcast',
      problems.map((message) => ({
        ...{ kind: 'service', id: 'broadcast', severity: 'warning', pointer: '', code: BAD_SERVICE },
        message,
      })),
    ),
  );
  metrics.add({
    name: 'sluice_broadcast_sent_total',
    help: 'Messages handed on, by way.',
    type: 'counter',
    samples: () =>
      hub.links.map(({ way, sent }) => ({
        name: 'sluice_broadcast_sent_total',
        labels: { way: way.kind },
        value: sent,
      })),
  });
  metrics.addCounter('sluice_broadcast_received_total', 'Messages of other processes.', () => hub.received);
  metrics.add({
    name: 'sluice_broadcast_dropped_total',
    help: 'Messages given up, by reason.',
    type: 'counter',
    samples: () =>
      Object.entries(hub.dropped).map(([reason, value]) => ({
        ...{ name: 'sluice_broadcast_dropped_total', labels: { reason }, value },
      })),
  });
  metrics.add({
    name: 'sluice_broadcast_connected',
    help: '1 where the way stands.',
    type: 'gauge',
    across: 'min',
    samples: () =>
      hub.links.map(({ way, isUp }) => ({
        ...{ name: 'sluice_broadcast_connected', labels: { way: way.kind }, value: isUp ? 1 : 0 },
      })),
  });
}
