import type { InstanceAddress, InstanceListener, InstanceSource } from '../balance/instance-source.js';
import { BackOff } from './back-off.js';
import { type Clock, SYSTEM_CLOCK } from './clock.js';
import { errorCode } from './error-code.js';
import { distinct, type Listing, type Look, LookFailed, signatureOf } from './look.js';

export interface LookRules {
  /** One look may take this long, and has failed then. */
  readonly timeoutMs: number;
  /** The same of a look that asks for the state of now, and waits for no change; left out: timeoutMs. */
  readonly freshTimeoutMs?: number;
  /** After an empty answer where there were instances, until it is asked again and believed. */
  readonly emptyAgainMs: number;
  /** After a failure; it grows up to the longest. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

export const LOOK_RULES: LookRules = {
  timeoutMs: 10_000,
  emptyAgainMs: 1000,
  firstRetryMs: 250,
  longestRetryMs: 10_000,
};

/** What a test replaces. */
export interface LookTools {
  readonly clock?: Clock;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/**
 * Looks again and again, one look at a time, and tells what is new. A look that fails takes nothing away, and neither does one empty
 * answer: registries that restart have been seen to say that there is nothing.
 */
export class RepeatedLook implements InstanceSource {
  private readonly clock: Clock;
  private readonly backOff: BackOff;
  private listener: InstanceListener | null = null;
  /** Null until a look has succeeded. */
  private known: readonly InstanceAddress[] | null = null;
  private hasFailed = false;
  /** The last look said that there is nothing, and what was known is still told. */
  private isEmptyDoubted = false;
  /** The look under way; an answer of any other comes too late. */
  private current: AbortController | null = null;
  private cancelTimer: () => void = () => undefined;
  private isClosed = false;

  /** @param asked who is asked, as it may be shown: reasons begin with it */
  constructor(
    private readonly asked: string,
    private readonly look: Look,
    private readonly rules: LookRules,
    { clock = SYSTEM_CLOCK, random = Math.random }: LookTools = {},
  ) {
    this.clock = clock;
    this.backOff = new BackOff(rules.firstRetryMs, rules.longestRetryMs, random);
  }

  watch(listener: InstanceListener): void {
    if (this.listener !== null) throw new Error('Instances are watched by one listener.');
    this.listener = listener;
    if (!this.isClosed) this.begin(true);
  }

  close(): void {
    this.isClosed = true;
    this.cancelTimer();
    this.current?.abort();
    this.current = null;
  }

  private begin(isFresh: boolean): void {
    const current = new AbortController();
    this.current = current;
    const { rules } = this;
    const timeoutMs = isFresh ? (rules.freshTimeoutMs ?? rules.timeoutMs) : rules.timeoutMs;
    this.cancelTimer = this.clock.after(timeoutMs, () =>
      this.fail(current, new LookFailed(`gave no answer within ${timeoutMs} ms`)),
    );
    void this.run(current, isFresh);
  }

  private async run(current: AbortController, isFresh: boolean): Promise<void> {
    let listing: Listing;
    try {
      listing = await this.look({ signal: current.signal, isFresh });
    } catch (error) {
      this.fail(current, error);
      return;
    }
    this.take(current, listing);
  }

  private take(current: AbortController, { addresses, dueMs }: Listing): void {
    if (!this.ends(current)) return;
    const hadFailed = this.hasFailed;
    this.hasFailed = false;
    this.backOff.reset();
    const isDoubted = addresses.length === 0 && !this.isEmptyDoubted && (this.known?.length ?? 0) > 0;
    this.isEmptyDoubted = isDoubted;
    const { emptyAgainMs } = this.rules;
    // Where there is nothing to call, whatever comes is wanted soon.
    const nextMs = addresses.length === 0 ? Math.min(dueMs, emptyAgainMs) : dueMs;
    this.schedule(isDoubted ? emptyAgainMs : nextMs, isDoubted);
    if (hadFailed) this.listener!.recovered();
    if (!isDoubted) this.tell(distinct(addresses));
  }

  private tell(addresses: readonly InstanceAddress[]): void {
    if (this.known !== null && signatureOf(this.known) === signatureOf(addresses)) return;
    this.known = addresses;
    this.listener!.found(addresses);
  }

  private fail(current: AbortController, error: unknown): void {
    if (!this.ends(current)) return;
    current.abort();
    // It says nothing, so it does not bear out an empty answer before it either.
    this.isEmptyDoubted = false;
    this.schedule(this.backOff.take(), true);
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.listener!.failed(`${this.asked} ${reasonOf(error)}`);
  }

  /** False for a look that was given up before. */
  private ends(current: AbortController): boolean {
    if (this.current !== current) return false;
    this.current = null;
    this.cancelTimer();
    return true;
  }

  /** Comes before the listener is told, who may close. */
  private schedule(ms: number, isFresh: boolean): void {
    this.cancelTimer = this.clock.after(ms, () => this.begin(isFresh));
  }
}

/** Messages of other errors may quote anything. */
function reasonOf(error: unknown): string {
  if (error instanceof LookFailed) return error.message;
  return `cannot be asked, for a reason that was not foreseen (${errorCode(error)})`;
}
