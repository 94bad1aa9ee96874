import { EventEmitter } from 'node:events';
import pg from 'pg';
import type { DatabaseThread } from './database-thread.js';
import type { WireResult } from './wire.js';

interface QueryResult {
  readonly command: string;
  readonly rowCount: number;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly fields: WireResult['fields'];
  readonly oid: null;
}
type Callback<T extends unknown[]> = (error: Error | null, ...results: T) => void;

/** Gives the one session to one holder after the other, in order. */
class Turn {
  private tail: Promise<void> = Promise.resolve();

  constructor(private readonly timeoutMs: number) {}

  private get refusal(): string {
    return (
      `The embedded database is busy: no turn within ${this.timeoutMs} ms. It has one session: ` +
      "a query within a transaction must use the transaction's own manager."
    );
  }

  /** @throws Error when nobody gave it back in time */
  async take(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.tail;
    this.tail = before.then(() => promise);
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeout.reject(new Error(this.refusal)), this.timeoutMs);
    try {
      await Promise.race([before, timeout.promise]);
    } catch (error) {
      resolve();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return resolve;
  }
}

/** A value as Postgres reads it in text form; what `pg` does too. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayText(value);
  if (typeof value === 'object') return JSON.stringify(value);
  const plain = value as string | number | boolean | bigint;
  return String(plain);
}

function arrayText(items: readonly unknown[]): string {
  const texts = items.map((item) => {
    if (Array.isArray(item)) return arrayText(item);
    const text = textOf(item);
    return text === null ? 'NULL' : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  });
  return `{${texts.join(',')}}`;
}

function readResult({ command, rowCount, fields, rows }: WireResult): QueryResult {
  type Parser = (text: string) => unknown;
  const parsers = fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID, 'text') as Parser);
  const read = rows.map((row) =>
    Object.fromEntries(row.map((text, index) => [fields[index]!.name, text === null ? null : parsers[index]!(text)])),
  );
  return { command, rowCount, rows: read, fields, oid: null };
}

/**
 * What TypeORM uses of the module `pg` (its `driver` option), over the embedded database. One connection at a time: a query outside
 * the transaction's own manager would wait for itself, and fails after `turnTimeoutMs`.
 */
export function pgFacade(
  thread: DatabaseThread,
  turnTimeoutMs: number,
): { readonly Pool: unknown; readonly Client: unknown } {
  const turn = new Turn(turnTimeoutMs);

  class Client extends EventEmitter {
    release: () => void = () => undefined;

    query(
      query: string | { readonly text: string; readonly values?: readonly unknown[] },
      values?: readonly unknown[] | Callback<[QueryResult]>,
      callback?: Callback<[QueryResult]>,
    ): Promise<QueryResult> | undefined {
      const done = typeof values === 'function' ? values : callback;
      const given = typeof values === 'function' ? undefined : values;
      const text = typeof query === 'string' ? query : query.text;
      const running = this.run(text, (typeof query === 'string' ? given : (query.values ?? given)) ?? []);
      if (done === undefined) return running;
      running.then(
        (result) => done(null, result),
        (error: Error) => (done as (error: Error) => void)(error),
      );
      return undefined;
    }

    private async run(sql: string, values: readonly unknown[]): Promise<QueryResult> {
      const results =
        values.length === 0
          ? await thread.ask({ kind: 'script', sql })
          : await thread.ask({ kind: 'query', sql, params: values.map(textOf) });
      const last = results.at(-1);
      return last === undefined ? { command: '', rowCount: 0, rows: [], fields: [], oid: null } : readResult(last);
    }
  }

  class Pool extends EventEmitter {
    connect(callback?: Callback<[Client, () => void]>): Promise<Client> | undefined {
      const connecting = turn.take().then((giveBack) => {
        const client = new Client();
        client.release = giveBack;
        return client;
      });
      if (callback === undefined) return connecting;
      connecting.then(
        (client) => callback(null, client, client.release),
        (error: Error) => (callback as (error: Error) => void)(error),
      );
      return undefined;
    }

    end(callback?: () => void): Promise<void> | undefined {
      if (callback === undefined) return Promise.resolve();
      callback();
      return undefined;
    }
  }
  return { Pool, Client };
}
