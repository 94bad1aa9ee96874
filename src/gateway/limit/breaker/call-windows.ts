import type { SteadyTime } from '../steady-time.js';
import type { BreakerRules } from './breaker-rules.js';

const FAILED = 1;
const SLOW = 2;
const FIRST_BYTES = 64;

/** What a breaker knows of the calls that it decides by. */
export interface CallWindow {
  /** Calls that it takes before its rates count. */
  readonly minimumCalls: number;
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
  /** Calls that were held back since its begin. */
  notPermitted: number;
  record(isFailed: boolean, isSlow: boolean): void;
  /** Forgets what is too old by now. */
  update(): void;
}

export function windowFor(rules: BreakerRules, time: SteadyTime): CallWindow {
  const { slidingWindowType, slidingWindowSize, minimumCalls } = rules;
  return slidingWindowType === 'TIME_BASED'
    ? new TimeWindow(slidingWindowSize, minimumCalls, time)
    : new CountWindow(slidingWindowSize, minimumCalls);
}

/** What a half-open breaker tries by: its permitted calls, whatever the type of the other window. */
export function trialWindowFor({ halfOpenCalls, minimumCalls }: BreakerRules): CallWindow {
  return new CountWindow(halfOpenCalls, Math.min(halfOpenCalls, minimumCalls));
}

/** For a state in which no call counts. */
export function emptyWindow(): CallWindow {
  return new CountWindow(1, 1);
}

/** The last so many calls: a ring of outcomes, that grows to its size as calls come. */
class CountWindow implements CallWindow {
  calls = 0;
  failed = 0;
  slow = 0;
  notPermitted = 0;
  private outcomes: Uint8Array;
  private oldest = 0;

  constructor(
    private readonly size: number,
    readonly minimumCalls: number,
  ) {
    this.outcomes = new Uint8Array(Math.min(size, FIRST_BYTES));
  }

  record(isFailed: boolean, isSlow: boolean): void {
    const outcome = (isFailed ? FAILED : 0) | (isSlow ? SLOW : 0);
    if (this.calls < this.size) {
      if (this.calls === this.outcomes.length) this.grow();
      this.outcomes[this.calls++] = outcome;
    } else this.replaceOldest(outcome);
    if (isFailed) this.failed++;
    if (isSlow) this.slow++;
  }

  update(): void {
    // Calls grow old by other calls only.
  }

  private replaceOldest(outcome: number): void {
    const old = this.outcomes[this.oldest] ?? 0;
    if ((old & FAILED) !== 0) this.failed--;
    if ((old & SLOW) !== 0) this.slow--;
    this.outcomes[this.oldest] = outcome;
    this.oldest = this.oldest + 1 === this.size ? 0 : this.oldest + 1;
  }

  private grow(): void {
    const grown = new Uint8Array(Math.min(this.size, this.outcomes.length * 2));
    grown.set(this.outcomes);
    this.outcomes = grown;
  }
}

/** Numbers that are kept of each second: calls, failed ones, slow ones. */
const SUMS = 3;

/** The calls of the last so many seconds: a ring of the sums of each, and their totals. The current second is one of them. */
class TimeWindow implements CallWindow {
  calls = 0;
  failed = 0;
  slow = 0;
  notPermitted = 0;
  private readonly sums: Uint32Array;
  private second: number;
  /** Where the sums of the current second begin. */
  private at = 0;

  constructor(
    private readonly seconds: number,
    readonly minimumCalls: number,
    private readonly time: SteadyTime,
  ) {
    this.sums = new Uint32Array(seconds * SUMS);
    this.second = Math.floor(time.now() / 1000);
  }

  record(isFailed: boolean, isSlow: boolean): void {
    this.update();
    this.calls++;
    this.sums[this.at]!++;
    if (isFailed) {
      this.failed++;
      this.sums[this.at + 1]!++;
    }
    if (isSlow) {
      this.slow++;
      this.sums[this.at + 2]!++;
    }
  }

  update(): void {
    const second = Math.floor(this.time.now() / 1000);
    const passed = Math.min(second - this.second, this.seconds);
    this.second = second;
    for (let step = 0; step < passed; step++) this.beginSecond();
  }

  private beginSecond(): void {
    const { sums } = this;
    const at = this.at + SUMS === sums.length ? 0 : this.at + SUMS;
    this.calls -= sums[at]!;
    this.failed -= sums[at + 1]!;
    this.slow -= sums[at + 2]!;
    sums.fill(0, at, at + SUMS);
    this.at = at;
  }
}
