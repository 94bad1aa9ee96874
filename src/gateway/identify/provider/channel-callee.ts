import type { Callee } from '../../../contracts/executor.js';
import type { Routes } from '../../resolve/route-table.js';

/** The channels in force; looked up at each call, so that a reload counts at once. */
export interface CurrentRoutes {
  readonly current: Routes;
}

/** The way to a channel, null where there is none in force. */
export function calleeOf(routes: CurrentRoutes, channel: string): Callee | null {
  const found = routes.current.channels.get(channel);
  return found === undefined || found.outOfForce !== null ? null : found.callee;
}
