/** One that ran so long has not failed at its start: its successor needs no patience. */
export const LONG_RUN_MS = 10_000;
export const FIRST_DELAY_MS = 500;
export const LONGEST_DELAY_MS = 30_000;

/** How long a slot waits for its next worker: at once after a long run, else twice as long with each that ended early. */
export class RestartDelay {
  private early = 0;

  after(ranMs: number): number {
    if (ranMs >= LONG_RUN_MS) {
      this.early = 0;
      return 0;
    }
    return Math.min(FIRST_DELAY_MS * 2 ** this.early++, LONGEST_DELAY_MS);
  }
}
