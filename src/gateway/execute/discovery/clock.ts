/** Time as the looks of discovery see it; tests bring their own. */
export interface Clock {
  /** ms that only grow, from any start. */
  now(): number;
  /** Runs once, unless the function that it gives is called before. */
  after(ms: number, run: () => void): () => void;
}

/** Its timers hold no process up. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
