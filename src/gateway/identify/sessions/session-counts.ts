/** What session servers were asked, and what was lost: counted over all of them, and never back. */
export class SessionCounts {
  /** Calls that touched an origin. */
  touches = 0;
  /** Extensions that a server took. */
  extensions = 0;
  /** Calls that failed. */
  failures = 0;
  /** Extensions that were lost, and touches that were not begun because too many were under way. */
  dropped = 0;
}
