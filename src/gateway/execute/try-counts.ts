/** How the tries of one backend ended. Plain numbers: an addition a try. */
export class TryCounts {
  /** With a status below 500. */
  answered = 0;
  /** With a status of 500 or more. */
  errors = 0;
  /** Without a connection. */
  unreachable = 0;
  /** Without the head of an answer. */
  brokenOff = 0;
  timedOut = 0;
  /** By the client, before an answer. */
  abandoned = 0;
  /** Begun again elsewhere, because the first instance could not be reached or its connection had ended. */
  moved = 0;
  /** Never begun: no place, or no instance. */
  refused = 0;
}
