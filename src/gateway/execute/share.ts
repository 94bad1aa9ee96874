import type { ReplicaInfo } from '../../contracts/replica.js';

/**
 * This worker's part of a bound that holds for all workers of a replica together: at least 1 (spec/resilience.md). The parts of all
 * workers sum up to the bound, where it is not below their number.
 */
export function shareOf(bound: number, { worker, workers }: Pick<ReplicaInfo, 'worker' | 'workers'>): number {
  if (!Number.isFinite(bound)) return bound;
  const rest = bound % workers;
  return Math.max(1, Math.floor(bound / workers) + (worker < rest ? 1 : 0));
}
