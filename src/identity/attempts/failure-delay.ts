import { setTimeout as delay } from 'node:timers/promises';

const FROM_FAILURE = 3;
const FIRST_MS = 1000;
const LONGEST_MS = 8000;

/** From the third failure each answer comes twice as late as the last (spec/identity.md). @param failures this one among them */
export function delayMs(failures: number): number {
  if (failures < FROM_FAILURE) return 0;
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - FROM_FAILURE, 16));
}

/** Answers that wait. Past the bound an answer comes at once: it is a refusal all the same. */
export class LateAnswers {
  private waiting = 0;

  constructor(
    private readonly most: number,
    private readonly sleep: (ms: number, signal: AbortSignal | null) => Promise<void> = sleepFor,
  ) {}

  /** Ends early where nobody waits for the answer any more. */
  async wait(failures: number, signal: AbortSignal | null): Promise<void> {
    const ms = delayMs(failures);
    if (ms === 0 || this.waiting >= this.most) return;
    this.waiting++;
    try {
      await this.sleep(ms, signal);
    } finally {
      this.waiting--;
    }
  }
}

async function sleepFor(ms: number, signal: AbortSignal | null): Promise<void> {
  await delay(ms, undefined, { ref: false, ...(signal !== null && { signal }) }).catch(() => undefined);
}
