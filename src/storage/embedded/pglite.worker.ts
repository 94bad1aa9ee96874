import { existsSync, openAsBlob, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { niceThread } from '../../contracts/nice-thread.js';
import { WireSession } from './wire-session.js';
import type { DatabaseOrder, FromDatabase, ToDatabase, WireError, WireResult } from './wire.js';

/**
 * Postgres in a thread of its own: no query ever holds up a request. One message after the other, as they come. A nice one: else Linux
 * lets it take the core of the gateway's thread in the moment when that wakes it with a query.
 */
const port = parentPort!;
const { folder, seed } = workerData as DatabaseOrder;
/** Where it shares a core with the gateway's thread, it gets a tenth; threads that hash come after it. */
const NICE = 9;
const tell = (message: FromDatabase): void => port.postMessage(message);

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

async function answer(db: PGlite, session: WireSession, message: ToDatabase): Promise<readonly WireResult[]> {
  switch (message.kind) {
    case 'query':
      return [await session.query(message.sql, message.params)];
    case 'script':
      return session.script(message.sql);
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
  const session = new WireSession(db);
  let tail = Promise.resolve();
  port.on('message', (message: ToDatabase) => {
    tail = tail.then(async () => {
      try {
        tell({ kind: 'result', id: message.id, results: await answer(db, session, message) });
      } catch (error) {
        tell({ kind: 'error', id: message.id, error: wireError(error) });
      }
      if (message.kind === 'close') port.close();
    });
  });
  niceThread(NICE);
  tell({ kind: 'open' });
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  port.close();
}
