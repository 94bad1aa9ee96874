import type { RetryRule } from '../../contracts/records.js';
import { isFailure, outcomeText, type CallOutcome } from './call-outcome.js';

/** When a call is made once more (spec/resilience.md, "Retries"); compiled from a path's rule or a method's. */
export class RetryRules {
  private readonly codes: ReadonlySet<number> | null;
  private readonly statuses: ReadonlySet<number>;
  private readonly texts: readonly string[];

  private constructor(
    readonly count: number,
    readonly waitMs: number,
    readonly onlyUnsent: boolean,
    filter: RetryRule['filter'],
  ) {
    const { errorCodes = [], httpStatusCodes = [], errorTexts = [] } = filter ?? {};
    this.statuses = new Set(httpStatusCodes);
    this.texts = errorTexts.filter((text) => text !== '');
    // A filter that names nothing is none.
    this.codes = errorCodes.length + httpStatusCodes.length + this.texts.length === 0 ? null : new Set(errorCodes);
  }

  /** Null where nothing is ever tried again. */
  static of(record: RetryRule | undefined): RetryRules | null {
    const count = record?.retryCount ?? 0;
    if (record === undefined || count === 0) return null;
    return new RetryRules(count, record.retryAfter ?? 0, record.onlyUnsent === true, record.filter);
  }

  /** Whether a try that ended so is worth another. */
  takes(outcome: CallOutcome): boolean {
    // What went well is never done again.
    if (outcome.code === null && outcome.status < 400) return false;
    if (this.onlyUnsent && !outcome.isUnsent) return false;
    if (this.codes === null) return isFailure(outcome) || outcome.isEventError;
    return this.named(outcome, this.codes);
  }

  /** The filters are OR-ed. An answer that is no error has no code. */
  private named(outcome: CallOutcome, codes: ReadonlySet<number>): boolean {
    if (outcome.code !== null && codes.has(outcome.code)) return true;
    if (this.statuses.has(outcome.status)) return true;
    if (this.texts.length === 0) return false;
    const text = outcomeText(outcome);
    return this.texts.some((wanted) => text.includes(wanted));
  }
}
