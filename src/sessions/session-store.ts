import { SessionFault, UNAVAILABLE } from './session-fault.js';

/** What sessions need of the database. */
export interface SessionDatabase {
  /** @throws what keeps it from opening; the next call tries again */
  open(): Promise<{ query(sql: string, values?: unknown[]): Promise<unknown> }>;
}

export interface SessionStoreOptions {
  readonly database: SessionDatabase;
  /** The problem changed. */
  readonly changed: () => void;
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

/** The database of sessions with bounded waits; knows whether it can be had. It is opened by the first statement. */
export class SessionStore {
  /** Why it cannot be had; null while it can, or nobody has asked. */
  problem: string | null = null;
  hasOpened = false;
  private waiting = 0;

  constructor(private readonly options: SessionStoreOptions) {}

  /** Rows of a statement that ends in a SELECT. @throws SessionFault 503 */
  async rows<R>(sql: string, values: unknown[] = []): Promise<R[]> {
    if (this.waiting >= MOST_WAITING) throw new SessionFault(UNAVAILABLE, 'too many wait for the store of sessions');
    this.waiting++;
    try {
      const { database, answerMs = ANSWER_MS } = this.options;
      const source = await within(this.hasOpened ? answerMs : OPEN_MS, database.open());
      this.hasOpened = true;
      const rows = await within(
        answerMs,
        withoutDeadlock(() => source.query(sql, values)),
      );
      this.note(null);
      return rows as R[];
    } catch (error) {
      if (OUR_MISTAKE.test(String(codeOf(error)))) throw error;
      this.note(error instanceof Error ? error.message || error.name : String(error));
      throw new SessionFault(UNAVAILABLE, 'the store of sessions cannot be had now', { cause: error });
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

async function withoutDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== DEADLOCK || tries === MOST_TRIES) throw error;
    }
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
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
