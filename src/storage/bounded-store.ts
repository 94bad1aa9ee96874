import { within } from './within.js';

/** What a store needs of the database. */
export interface QueriedDatabase {
  /** @throws what keeps it from opening; the next call tries again */
  open(): Promise<{ query(sql: string, values?: unknown[]): Promise<unknown> }>;
}

export interface BoundedStoreOptions {
  readonly database: QueriedDatabase;
  /** What the store is called in errors, e.g. `the store of users`. */
  readonly name: string;
  /** The problem changed. */
  readonly changed: () => void;
  /** What whoever asked is told. */
  readonly unavailable: (message: string, cause?: unknown) => Error;
  readonly answerMs?: number;
}

/** The embedded database takes seconds the first time. */
const OPEN_MS = 20_000;
const ANSWER_MS = 5000;
/** Who comes while so many wait for the database is told at once. */
const MOST_WAITING = 5000;
/** Bad values, broken constraints: a mistake of ours, and no word about the database. */
const OUR_MISTAKE = /^2[23]/;
/** The database ended one of two statements that waited for each other: made again, it finds its way. */
const DEADLOCK = '40P01';
const MOST_TRIES = 3;

/** The database with bounded waits; knows whether it can be had. It is opened by the first statement. */
export class BoundedStore {
  /** Why it cannot be had; null while it can, or nobody has asked. */
  problem: string | null = null;
  hasOpened = false;
  private waiting = 0;

  constructor(private readonly options: BoundedStoreOptions) {}

  /**
   * Rows of a statement that ends in a SELECT, whatever else it does.
   * @throws what `unavailable` makes; what the database says of bad values
   */
  async rows<R>(sql: string, values: unknown[] = [], answerMs = this.options.answerMs ?? ANSWER_MS): Promise<R[]> {
    const { database, name, unavailable } = this.options;
    if (this.waiting >= MOST_WAITING) throw unavailable(`too many wait for ${name}`);
    this.waiting++;
    try {
      const source = await within(this.hasOpened ? answerMs : OPEN_MS, database.open());
      this.hasOpened = true;
      const rows = await within(
        answerMs,
        withoutDeadlock(() => source.query(sql, values)),
      );
      this.note(null);
      return rows as R[];
    } catch (error) {
      if (OUR_MISTAKE.test(String(databaseCode(error)))) throw error;
      this.note(error instanceof Error ? error.message || error.name : String(error));
      throw unavailable(`${name} cannot be had now`, error);
    } finally {
      this.waiting--;
    }
  }

  private note(problem: string | null): void {
    if (problem === this.problem) return;
    this.problem = problem;
    this.options.changed();
  }
}

/** SQLSTATE of an error of the database. */
export function databaseCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
}

async function withoutDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (databaseCode(error) !== DEADLOCK || tries === MOST_TRIES) throw error;
    }
  }
}
