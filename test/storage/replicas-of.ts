import type { DataSource } from 'typeorm';
import type { OpenDatabase } from './built.js';
import type { DatabasePlace } from './database-place.js';

/** Replicas of one gateway on one database. */
export class ReplicasOf<R extends { stop(): void | Promise<void> }> {
  private readonly replicas: R[] = [];
  private readonly databases: OpenDatabase[] = [];

  constructor(
    private readonly place: DatabasePlace,
    private readonly make: (database: OpenDatabase, parameters: Readonly<Record<string, string>>) => R,
  ) {}

  /** The embedded database is one process' own: there replicas are runners beside each other. */
  add(parameters: Readonly<Record<string, string>> = {}): R {
    const replica = this.make(this.database(), parameters);
    this.replicas.push(replica);
    return replica;
  }

  async source(): Promise<DataSource> {
    return (this.databases[0] ?? this.database()).open();
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map(async (replica) => replica.stop()));
    await Promise.all(this.databases.map((database) => database.close()));
  }

  private database(): OpenDatabase {
    const [first] = this.databases;
    if (first !== undefined && !this.place.isShared) return first;
    const database = this.place.open();
    this.databases.push(database);
    return database;
  }
}
