import { openThreadAccount } from './thread-account.js';

const STEP_MS = 1;

/**
 * How long the event loop stood still at a time while something was done, ms of each time: without what the thread waited for a core
 * that other programs had, where that is known.
 */
export async function pausesDuring(work: () => Promise<unknown>): Promise<number[]> {
  const account = openThreadAccount();
  const pauses: number[] = [];
  let [at, before] = [performance.now(), account.times()];
  const step = (): void => {
    const [now, times] = [performance.now(), account.times()];
    pauses.push(now - at - (times.waitedMs - before.waitedMs));
    [at, before] = [now, times];
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
