import { LedgerUnavailable } from '../../contracts/token-ledger.js';

/** What the ledger needs of the database. */
export interface LedgerDatabase {
  /** @throws what keeps it from opening; the next call tries again */
  open(): Promise<{ query(sql: string, values?: unknown[]): Promise<unknown> }>;
}

/** The embedded database takes seconds the first time. */
const OPEN_MS = 20_000;
const ANSWER_MS = 5000;
/** Who comes while so many wait for the database is told at once. */
const MOST_WAITING = 5000;
/** Bad values, broken constraints: a mistake of ours, and no word about the store. */
const OUR_MISTAKE = /^2[23]/;

/** The database with bounded waits; knows whether it can be had. It is opened by the first statement. */
export class LedgerStore {
  /** Why it cannot be had; null while it can, or nobody has asked. */
  problem: string | null = null;
  hasOpened = false;
  private waiting = 0;

  constructor(
    private readonly database: LedgerDatabase,
    private readonly changed: () => void,
    private readonly answerMs = ANSWER_MS,
  ) {}

  /** Rows of a statement that ends in a SELECT, whatever else it does. @throws LedgerUnavailable */
  async rows<R>(sql: string, values: unknown[] = [], answerMs = this.answerMs): Promise<R[]> {
    if (this.waiting >= MOST_WAITING) throw new LedgerUnavailable('Too many wait for the store of tokens.');
    this.waiting++;
    try {
      const source = await within(OPEN_MS, this.database.open());
      this.hasOpened = true;
      const rows = await within(answerMs, source.query(sql, values));
      this.note(null);
      return rows as R[];
    } catch (error) {
      if (OUR_MISTAKE.test(String((error as { code?: unknown }).code))) throw error;
      this.note(error instanceof Error ? error.message || error.name : String(error));
      throw new LedgerUnavailable('The store of tokens cannot be had now.', { cause: error });
    } finally {
      this.waiting--;
    }
  }

  private note(problem: string | null): void {
    if (problem === this.problem) return;
    this.problem = problem;
    this.changed();
  }
}

/** What comes later comes for nobody. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`it did not answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
