import { protocol, type messages, type PGlite } from '@electric-sql/pglite';
import type { WireResult } from './wire.js';

const { serialize } = protocol;

type Answers = Awaited<ReturnType<PGlite['execProtocolStream']>>;

/** Statements that stay planned: more than the product has. */
const MOST_PLANNED = 128;
/** feature_not_supported: a table has changed under a plan. */
const STALE_PLAN = '0A000';

/**
 * Statements of the engine's one session, in Postgres' own wire protocol, with values as texts. PGlite's `query` parses and plans each
 * time, and crosses into the engine six times: a statement of a login takes it 1.2 ms, a planned one takes 0.2 (2 x AMD EPYC, Node
 * 24.21). Whoever asks waits for the answer before the next question.
 */
export class WireSession {
  /** Names of planned statements by their text, the one that nobody used for longest first. */
  private readonly planned = new Map<string, string>();
  /** Names that the next statement closes. */
  private dropped: string[] = [];
  private lastName = 0;

  constructor(
    private readonly db: Pick<PGlite, 'execProtocolStream' | 'isInTransaction'>,
    private readonly mostPlanned = MOST_PLANNED,
  ) {}

  /** @throws DatabaseError of PGlite */
  async query(sql: string, params: readonly (string | null)[]): Promise<WireResult> {
    const name = this.planned.get(sql);
    if (name === undefined) return this.first(sql, params);
    this.planned.delete(sql);
    this.planned.set(sql, name);
    try {
      return await this.execute(name, params);
    } catch (error) {
      // Within a transaction all that could be told is that it has failed.
      if ((error as { readonly code?: unknown }).code !== STALE_PLAN || this.db.isInTransaction()) throw error;
      this.drop(sql);
      return this.first(sql, params);
    }
  }

  /** Several statements, without parameters. @throws DatabaseError of PGlite */
  async script(sql: string): Promise<readonly WireResult[]> {
    return resultsOf(await this.ask([serialize.query(sql)]));
  }

  private async first(sql: string, params: readonly (string | null)[]): Promise<WireResult> {
    const name = `s${++this.lastName}`;
    this.planned.set(sql, name);
    const [longestUnused] = this.planned.keys();
    if (this.planned.size > this.mostPlanned) this.drop(longestUnused!);
    try {
      return await this.execute(name, params, sql);
    } catch (error) {
      // Whether it is planned now depends on what was wrong.
      this.drop(sql);
      throw error;
    }
  }

  /** @param sql of a statement that is new */
  private async execute(name: string, params: readonly (string | null)[], sql?: string): Promise<WireResult> {
    const closed = this.dropped.map((old) => serialize.close({ type: 'S', name: old }));
    this.dropped = [];
    const [result] = resultsOf(
      await this.ask([
        ...closed,
        ...(sql === undefined ? [] : [serialize.parse({ name, text: sql })]),
        serialize.bind({ statement: name, values: [...params] }),
        serialize.describe({ type: 'P' }),
        serialize.execute({}),
        serialize.sync(),
      ]),
    );
    return result!;
  }

  private drop(sql: string): void {
    const name = this.planned.get(sql);
    this.planned.delete(sql);
    if (name !== undefined) this.dropped.push(name);
  }

  /** In one message: after an error the engine passes over what follows, up to the sync. */
  private ask(parts: readonly Uint8Array[]): Promise<Answers> {
    return this.db.execProtocolStream(Buffer.concat(parts));
  }
}

const NOTHING: WireResult = { command: '', rowCount: 0, fields: [], rows: [] };

/** One result a statement, one at least. */
function resultsOf(answers: Answers): readonly WireResult[] {
  const results: WireResult[] = [];
  let fields: WireResult['fields'] = [];
  let rows: (string | null)[][] = [];
  for (const answer of answers) {
    if (answer.name === 'rowDescription') {
      const described = (answer as messages.RowDescriptionMessage).fields;
      fields = described.map(({ name, dataTypeID }) => ({ name, dataTypeID }));
    } else if (answer.name === 'dataRow') {
      rows.push((answer as messages.DataRowMessage).fields);
    } else if (answer.name === 'commandComplete') {
      const { text } = answer as messages.CommandCompleteMessage;
      results.push({ command: text.split(' ', 1)[0]!, rowCount: rowsOf(text), fields, rows });
      [fields, rows] = [[], []];
    }
  }
  return results.length === 0 ? [NOTHING] : results;
}

/** `SELECT 2`, `INSERT 0 5`, `CREATE TABLE`. */
function rowsOf(commandTag: string): number {
  const count = Number(commandTag.slice(commandTag.lastIndexOf(' ') + 1));
  return Number.isNaN(count) ? 0 : count;
}
