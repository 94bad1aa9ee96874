import { BoundedStore, type QueriedDatabase } from '../storage/bounded-store.js';
import { SessionFault, UNAVAILABLE } from './session-fault.js';

export interface SessionStoreOptions {
  readonly database: QueriedDatabase;
  /** The problem changed. */
  readonly changed: () => void;
  readonly answerMs?: number;
}

/** The database of sessions with bounded waits. Its statements throw SessionFault 503. */
export class SessionStore extends BoundedStore {
  constructor(options: SessionStoreOptions) {
    super({
      ...options,
      name: 'the store of sessions',
      unavailable: (message, cause) => new SessionFault(UNAVAILABLE, message, { cause }),
    });
  }
}
