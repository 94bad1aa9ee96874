import { existsSync, openAsBlob, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, type QueryOptions, type Results } from '@electric-sql/pglite';
import type { DatabaseOrder, FromDatabase, ToDatabase, WireError, WireResult } from './wire.js';

/** Postgres in a thread of its own: no query ever holds up a request. One message after the other, as they come. */
const port = parentPort!;
const { folder, seed } = workerData as DatabaseOrder;
const asText = (text: string): string => text;
const rowMode = 'array' as const;
let options: Pick<QueryOptions, 'rowMode' | 'parsers' | 'serializers'> = { rowMode };

/** Values of every type that there is cross as texts: the engine would read numbers and lists in its own way. */
async function textsOnly(db: PGlite): Promise<void> {
  const { rows } = await db.query<{ oid: number }>('SELECT oid::int AS oid FROM pg_type');
  const ofEach = <T>(one: T): Record<number, T> => Object.fromEntries(rows.map(({ oid }) => [oid, one]));
  options = { rowMode, parsers: ofEach(asText), serializers: ofEach((text: unknown) => text as string) };
}

const tell = (message: FromDatabase): void => port.postMessage(message);

function wireResult({ rows, fields, affectedRows, ...rest }: Results<unknown>): WireResult {
  const { command = '', rowCount } = rest as { command?: string; rowCount?: number };
  return {
    command,
    rowCount: rowCount ?? (rows.length > 0 ? rows.length : (affectedRows ?? 0)),
    fields: fields.map(({ name, dataTypeID }) => ({ name, dataTypeID })),
    rows: rows as (string | null)[][],
  };
}

function wireError(error: unknown): WireError {
  const { message, code, detail, constraint, table } = error as WireError;
  return Object.fromEntries(
    Object.entries({ message, code, detail, constraint, table }).filter(([, value]) => typeof value === 'string'),
  ) as unknown as WireError;
}

/** A new database is made aside and put in place whole: a process that is killed meanwhile leaves none that cannot be opened. */
async function open(): Promise<PGlite> {
  if (!existsSync(join(folder, 'PG_VERSION'))) {
    const aside = `${folder}.new`;
    rmSync(aside, { recursive: true, force: true });
    const made = await PGlite.create(
      seed === null ? { dataDir: aside } : { dataDir: aside, loadDataDir: await openAsBlob(seed) },
    );
    await made.close();
    // What stands there already is no database: empty, or else not removed.
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(aside, folder);
  }
  return PGlite.create({ dataDir: folder });
}

const heard = new Set<string>();
async function listen(db: PGlite, channel: string): Promise<void> {
  if (heard.has(channel)) return;
  const quoted = `"${channel.replaceAll('"', '""')}"`;
  await db.listen(quoted, (payload) => tell({ kind: 'notification', channel, payload }));
  heard.add(channel);
}

async function answer(db: PGlite, message: ToDatabase): Promise<readonly WireResult[]> {
  switch (message.kind) {
    case 'query':
      return [wireResult(await db.query(message.sql, [...message.params], options))];
    case 'script':
      return (await db.exec(message.sql, options)).map(wireResult);
    case 'listen':
      await listen(db, message.channel);
      return [];
    case 'close':
      await db.close();
      return [];
  }
}

try {
  const db = await open();
  await textsOnly(db);
  let tail = Promise.resolve();
  port.on('message', (message: ToDatabase) => {
    tail = tail.then(async () => {
      try {
        tell({ kind: 'result', id: message.id, results: await answer(db, message) });
      } catch (error) {
        tell({ kind: 'error', id: message.id, error: wireError(error) });
      }
      if (message.kind === 'close') port.close();
    });
  });
  tell({ kind: 'open' });
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  port.close();
}
