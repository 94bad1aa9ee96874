import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { DataSource, EntityManager } from 'typeorm';
import type { SecretBox } from '../secrets/secret-box.js';
import type { Database, DatabaseOptions } from './database.js';

export interface LazyDatabaseOptions {
  readonly url: string | null;
  readonly dataFolder: string;
  readonly box: SecretBox;
  readonly hasGeneratedKey: boolean;
  readonly log: DatabaseOptions['log'];
}

/**
 * The database of this process. Nothing of it is loaded or started before somebody needs it: a gateway that reads files and keeps no
 * sessions has none.
 */
export class LazyDatabase extends EventEmitter<{ notification: [string, string]; reconnected: [] }> {
  private database: Promise<Database> | null = null;
  /** Where the embedded one keeps its files. */
  readonly folder: string;

  constructor(private readonly options: LazyDatabaseOptions) {
    super();
    this.folder = join(options.dataFolder, 'postgres');
  }

  /** What messages call it; never with a password. */
  get name(): string {
    const { url } = this.options;
    if (url === null) return `the embedded database in ${this.folder}`;
    const parsed = URL.parse(url);
    return parsed === null ? 'Postgres' : `Postgres at ${parsed.host}${parsed.pathname}`;
  }

  /** @throws what keeps it from opening; the next call tries again */
  async open(): Promise<DataSource> {
    return (await this.get()).open();
  }

  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return (await this.get()).transaction(work);
  }

  /** Notifications of the channel are emitted from now on, as far as the connection holds. */
  async listen(channel: string): Promise<void> {
    await (await this.get()).listen(channel);
  }

  async close(): Promise<void> {
    this.removeAllListeners();
    await (await this.database)?.close();
  }

  private get(): Promise<Database> {
    this.database ??= this.load();
    return this.database;
  }

  private async load(): Promise<Database> {
    // The ORM takes time and memory: only who uses it pays for it.
    const [{ Database }, { ENTITIES }] = await Promise.all([import('./database.js'), import('./entities.js')]);
    const { url, box, hasGeneratedKey, log } = this.options;
    const database = new Database({ url, folder: this.folder, entities: [...ENTITIES], box, hasGeneratedKey, log });
    database.on('notification', (channel, payload) => this.emit('notification', channel, payload));
    database.on('reconnected', () => this.emit('reconnected'));
    return database;
  }
}
