import { spawnSync } from 'node:child_process';
import { niceThread } from '../../contracts/nice-thread.js';

/** Where a thread with no other core to go to shares one, it gets a tenth. */
const NICE = 10;
const CHRT_MS = 2000;

/**
 * Puts the calling thread behind those that serve requests. A nice thread still runs on for one slice of the scheduler (some 3 ms) when a
 * request comes: only one of the class SCHED_IDLE gives way at once (sched(7)). Node cannot set that class, `chrt` of util-linux or
 * BusyBox can.
 * @returns id of the thread where it is in the idle class now, else null
 */
export function stepBack(toIdle: boolean): number | null {
  const thread = niceThread(NICE);
  if (thread === null || !toIdle) return null;
  try {
    const { status } = spawnSync('chrt', ['-i', '-p', '0', String(thread)], { stdio: 'ignore', timeout: CHRT_MS });
    return status === 0 ? thread : null;
  } catch {
    return null;
  }
}
