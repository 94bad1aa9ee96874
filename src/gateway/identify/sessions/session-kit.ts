import type { CallIds } from '../provider/server-call.js';
import type { SessionReport } from './asked-server.js';
import type { SessionClient } from './session-client.js';
import type { SessionCounts } from './session-counts.js';

export interface SessionClock {
  /** ms that only grow, from any start. */
  now(): number;
  /** Epoch ms: what servers tell ends in. */
  epochMs(): number;
  /** Runs once, unless the function that it gives is called before. Holds no process up. */
  after(ms: number, run: () => void): () => void;
}

export const SYSTEM_SESSION_CLOCK: SessionClock = {
  now: () => performance.now(),
  epochMs: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** What all session servers of a process share. */
export interface SessionKit {
  readonly client: Pick<SessionClient, 'touch' | 'extend' | 'extendList' | 'stitch' | 'expire'>;
  readonly clock: SessionClock;
  readonly counts: SessionCounts;
  readonly report: SessionReport;
  /** Of a call that belongs to no request. */
  newIds(): CallIds;
}
