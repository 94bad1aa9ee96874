import { StoreSweeper } from '../storage/store-sweeper.js';
import { SWEEP, SWEPT_AT_ONCE } from './session-statements.js';
import type { SessionStore } from './session-store.js';

/** Takes ended sessions out of the database. */
export class SessionSweeper extends StoreSweeper {
  constructor(store: Pick<SessionStore, 'rows' | 'hasOpened'>, random?: () => number) {
    super(store, [{ sql: SWEEP, atOnce: SWEPT_AT_ONCE }], random);
  }
}
