import { closeSync, openSync, readSync } from 'node:fs';

const STEP_MS = 1;

/**
 * How long the event loop stood still at a time while something was done, ms of each time. What the thread waited for a core that other
 * programs had is not in it: Linux tells; elsewhere it is.
 */
export async function pausesDuring(work: () => Promise<unknown>): Promise<number[]> {
  const account = openAccount();
  const pauses: number[] = [];
  let [at, waitedMs] = [performance.now(), account.waitedMs()];
  const step = (): void => {
    const [now, waited] = [performance.now(), account.waitedMs()];
    pauses.push(now - at - (waited - waitedMs));
    [at, waitedMs] = [now, waited];
  };
  const timer = setInterval(step, STEP_MS);
  try {
    await work();
  } finally {
    step();
    clearInterval(timer);
    account.close();
  }
  return pauses;
}

/** The kernel's account of this thread: ns that it ran, ns that it waited to run (Documentation/scheduler/sched-stats.rst). */
function openAccount(): { waitedMs(): number; close(): void } {
  let file: number;
  try {
    file = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return { waitedMs: () => 0, close: () => undefined };
  }
  const text = Buffer.alloc(64);
  return {
    waitedMs: () => Number(text.toString('latin1', 0, readSync(file, text, 0, 64, 0)).split(' ', 2)[1]) / 1e6,
    close: () => closeSync(file),
  };
}
