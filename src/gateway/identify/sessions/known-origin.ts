import type { Session, SessionOrigin } from '../../../contracts/session-origin.js';

/** One origin as this replica knows it. Changed in place: a request makes nothing. */
export class KnownOrigin {
  /** The one that requests get; null: none yet, or it has ended. */
  session: Session | null = null;
  /** Steady ms from which on it is touched anew, while requests still get it. */
  staleAtMs = -Infinity;
  /** Steady ms from which on it is no session any more. */
  endsAtMs = -Infinity;
  /** Steady ms before which the server, which refused it, is not asked again. */
  refusedUntilMs = -Infinity;
  /** The touch under way, shared by all who wait. */
  touching: Promise<Session | null> | null = null;
  /** Stands in the buffer of extensions. */
  isBuffered = false;
  /** Its session was ended: nothing extends it or brings it back. */
  isOver = false;

  constructor(
    readonly origin: SessionOrigin,
    /** Fills `{type}` in URLs. */
    readonly urlType: string,
  ) {}
}
