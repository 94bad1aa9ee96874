import { EventEmitter } from 'node:events';
import { readdir } from 'node:fs/promises';
import { DataSource, type DataSourceOptions, type EntityManager, type MigrationInterface } from 'typeorm';
import type { SecretBox } from '../secrets/secret-box.js';
import { DatabaseThread } from './embedded/database-thread.js';
import { FolderLock } from './embedded/folder-lock.js';
import { pgFacade } from './embedded/pg-facade.js';
import { checkEncryptionKey } from './encryption-key.js';
import { ImpatientClient } from './impatient-client.js';
import { PostgresListener } from './postgres-listener.js';

type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

export interface DatabaseOptions {
  /** Postgres 14 or later; null: embedded in `folder`. */
  readonly url: string | null;
  readonly folder: string;
  readonly entities: NonNullable<DataSourceOptions['entities']>;
  readonly box: SecretBox;
  /** Whether the key was generated in this process' data.folder, and is not set. */
  readonly hasGeneratedKey: boolean;
  readonly log: Log;
  /** The longest that a query, and the wait for the embedded database's one session, may take. */
  readonly queryTimeoutMs?: number;
  readonly turnTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 5000;
const QUERY_TIMEOUT_MS = 15_000;
/** PGlite has one session: who waits longer for it than this is told so, rather than to wait for ever. */
const TURN_TIMEOUT_MS = 30_000;
const MOST_CONNECTIONS = 5;
/** Any number that all releases of ours agree on: replicas that start at once migrate one after the other. */
const MIGRATION_LOCK = 7_583_104;
const MIGRATIONS = new URL('../migrations/', import.meta.url);

/**
 * The database of this process, opened by the first who needs it: a Postgres by URL, or the embedded one. Schema and encryption key
 * are in order once it is open. Emits `notification` (channel, payload), and `reconnected` where notifications may have been missed.
 */
export class Database extends EventEmitter<{ notification: [string, string]; reconnected: [] }> {
  private opening: Promise<DataSource> | null = null;
  private readonly channels = new Set<string>();
  private thread: DatabaseThread | null = null;
  private lock: FolderLock | null = null;
  private listener: PostgresListener | null = null;
  private isClosed = false;

  constructor(private readonly options: DatabaseOptions) {
    super();
  }

  /** The open database; a try that failed is made again by the next call. @throws what keeps it from opening */
  async open(): Promise<DataSource> {
    if (this.isClosed) throw new Error('The database is closed.');
    this.opening ??= this.connect().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const source = await this.open();
    return source.transaction(work);
  }

  /** Notifications of the channel are emitted from now on, as far as the connection holds. */
  async listen(channel: string): Promise<void> {
    const isNew = !this.channels.has(channel);
    this.channels.add(channel);
    const source = await this.open();
    if (this.listener !== null) await this.listener.listen(channel);
    else if (isNew) await this.listenEmbedded(source, channel);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const source = await this.opening?.catch(() => null);
    await this.listener?.close();
    await source?.destroy().catch(() => undefined);
    await this.thread?.close();
    this.lock?.release();
    this.removeAllListeners();
  }

  /** In a turn of its own: within somebody's transaction it would end with that one's rollback. */
  private async listenEmbedded(source: DataSource, channel: string): Promise<void> {
    const turn = source.createQueryRunner();
    try {
      await turn.connect();
      await this.thread?.ask({ kind: 'listen', channel });
    } finally {
      await turn.release();
    }
  }

  private async connect(): Promise<DataSource> {
    const { url } = this.options;
    let source: DataSource | null = null;
    // Whatever fails, the thread of the embedded one goes with it: the next try starts another.
    try {
      const migrations = await migrationClasses();
      source = new DataSource({ ...(url === null ? await this.embedded() : this.remote(url)), migrations });
      await source.initialize();
      await migrate(source, url !== null);
      await checkEncryptionKey(source, this.options);
      if (url !== null) await this.followNotifications(url);
      return source;
    } catch (error) {
      await source?.destroy().catch(() => undefined);
      await this.dropThread();
      throw error;
    }
  }

  private async embedded(): Promise<DataSourceOptions> {
    const { folder } = this.options;
    this.lock ??= FolderLock.take(folder);
    this.thread = await DatabaseThread.open(folder);
    this.thread.on('notification', (channel, payload) => this.emit('notification', channel, payload));
    this.thread.on('lost', (error) => {
      if (this.isClosed) return;
      this.options.log('error', 'The embedded database has ended; it is started anew.', { reason: error.message });
      this.opening = null;
      this.emit('reconnected');
    });
    for (const channel of this.channels) await this.thread.ask({ kind: 'listen', channel });
    const driver = pgFacade(this.thread, this.options.turnTimeoutMs ?? TURN_TIMEOUT_MS);
    return { ...this.common(), driver };
  }

  private remote(url: string): DataSourceOptions {
    const queryTimeoutMs = this.options.queryTimeoutMs ?? QUERY_TIMEOUT_MS;
    return {
      ...this.common(),
      url,
      applicationName: 'sluice',
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      poolErrorHandler: (error: Error) =>
        this.options.log('debug', 'A connection to the database is gone.', { reason: error.message }),
      extra: {
        max: MOST_CONNECTIONS,
        query_timeout: queryTimeoutMs,
        statement_timeout: queryTimeoutMs,
        Client: ImpatientClient,
        keepAlive: true,
        idleTimeoutMillis: 30_000,
      },
    };
  }

  private common(): Extract<DataSourceOptions, { type: 'postgres' }> {
    return {
      type: 'postgres',
      // The default calls a function that is not there in every Postgres.
      uuidExtension: 'pgcrypto',
      installExtensions: false,
      entities: this.options.entities,
      migrationsTableName: 'migrations',
      logging: false,
    };
  }

  private async followNotifications(url: string): Promise<void> {
    this.listener ??= new PostgresListener({
      url,
      log: this.options.log,
      notified: (channel, payload) => this.emit('notification', channel, payload),
      missed: () => this.emit('reconnected'),
    });
    for (const channel of this.channels) await this.listener.listen(channel);
  }

  private async dropThread(): Promise<void> {
    await this.thread?.close();
    this.thread = null;
    this.lock?.release();
    this.lock = null;
  }
}

/** What the schema is made of, in order; compiled beside this file. */
async function migrationClasses(): Promise<(new () => MigrationInterface)[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.js')).sort();
  const modules = await Promise.all(
    names.map(
      async (name) => (await import(new URL(name, MIGRATIONS).href)) as Record<string, new () => MigrationInterface>,
    ),
  );
  return modules.flatMap((module) => Object.values(module));
}

/** Brings the schema up to this release; whoever comes second waits and finds it done. */
async function migrate(source: DataSource, isShared: boolean): Promise<void> {
  if (!isShared) {
    await source.runMigrations({ transaction: 'each' });
    return;
  }
  const runner = source.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
  }
}
