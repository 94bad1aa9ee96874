import type { RunnerCall } from '../../contracts/executor.js';

/** ms that one try may take: the backend's own, or what is left of all tries. */
export function timeLeft({ deadline }: RunnerCall, timeoutMs: number): number {
  return deadline === Infinity ? timeoutMs : Math.max(1, Math.min(timeoutMs, deadline - Date.now()));
}
