import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Puts the calling thread behind those that serve requests, where they have to share a core. Linux gives each thread a priority of its
 * own (setpriority(2), notes); elsewhere nothing changes.
 * @param nice 1 to 19
 * @returns id of the thread; null where nothing changed
 */
export function niceThread(nice: number): number | null {
  try {
    const thread = /task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1];
    if (thread === undefined) return null;
    setPriority(Number(thread), nice);
    return Number(thread);
  } catch {
    // No Linux, or a sandbox that says no.
    return null;
  }
}
