import type { INestApplicationContext } from '@nestjs/common';
import type { BroadcastHub } from '../broadcast/broadcast-hub.js';
import { followBroadcast } from '../broadcast/follow-broadcast.js';
import { ComponentStore } from '../components/component-store.js';
import { SnapshotKeeper } from '../components/snapshot/snapshot-keeper.js';
import { BROADCAST } from '../contracts/broadcast.js';
import { FINDING_BOARD, type FindingBoard } from '../contracts/components.js';
import type { Fleet } from '../contracts/fleet.js';
import type { Metrics } from '../observability/metrics.js';
import { addComponentMetrics } from './component-metrics.js';

/** What of the parts operators see: here, and with several workers through each of them. */
export function wireObservers(app: INestApplicationContext, metrics: Metrics, fleet: Fleet | null): void {
  const board = app.get<FindingBoard>(FINDING_BOARD, { strict: false });
  addComponentMetrics(metrics, {
    store: app.get(ComponentStore, { strict: false }),
    keeper: app.get(SnapshotKeeper, { strict: false }),
    board,
  });
  followBroadcast(app.get<BroadcastHub>(BROADCAST, { strict: false }), metrics, board);
  fleet?.answer('metrics', () => metrics.json());
  fleet?.answer('findings', () => JSON.stringify(board.standing()));
}
