import { closeSync, openSync, readSync } from 'node:fs';

/** ms that a thread ran, and that it could have run while others had the core. */
export interface ThreadTimes {
  readonly ranMs: number;
  readonly waitedMs: number;
}

/** Linux' account of the calling thread (Documentation/scheduler/sched-stats.rst); elsewhere nothing is told of it. */
export function openThreadAccount(): { readonly times: () => ThreadTimes; readonly close: () => void } {
  let file: number;
  try {
    file = openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return { times: () => ({ ranMs: 0, waitedMs: 0 }), close: () => undefined };
  }
  const bytes = Buffer.alloc(64);
  const times = (): ThreadTimes => {
    const text = bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0));
    const [ran, waited] = text.split(' ', 2).map((ns) => Number(ns) / 1e6) as [number, number];
    return { ranMs: ran, waitedMs: waited };
  };
  return { times, close: () => closeSync(file) };
}
