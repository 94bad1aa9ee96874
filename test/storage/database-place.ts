import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { AesSecretBox, Database, ENTITIES, type Box, type OpenDatabase } from './built.js';

export const KEY = Buffer.alloc(32, 1);
export const OTHER_KEY = Buffer.alloc(32, 2);

export interface OpenOptions {
  readonly box?: Box;
  readonly hasGeneratedKey?: boolean;
  readonly waitMs?: number;
}

/** Where the suite's databases lie. Each place is one database, empty at first; what opens it is one process' view of it. */
export interface DatabasePlace {
  open(options?: OpenOptions): OpenDatabase;
  /** What `main.js` is told to use it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether several may have it open at once. */
  readonly isShared: boolean;
  remove(): Promise<void>;
}

function databaseAt(url: string | null, folder: string, options: OpenOptions): OpenDatabase {
  const { box = new AesSecretBox([KEY]), hasGeneratedKey = false, waitMs } = options;
  return new Database({
    ...{ url, folder, box, hasGeneratedKey, entities: [...ENTITIES], log: () => undefined },
    ...(waitMs !== undefined && { queryTimeoutMs: waitMs, turnTimeoutMs: waitMs }),
  });
}

export function anEmbeddedPlace(): Promise<DatabasePlace> {
  const data = mkdtempSync(join(tmpdir(), 'sluice-embedded-'));
  return Promise.resolve({
    open: (options = {}) => databaseAt(null, join(data, 'postgres'), options),
    settings: { 'data.folder': data },
    isShared: false,
    remove: async () => rmSync(data, { recursive: true, force: true }),
  });
}

/** The server that POSTGRES_URL names; without it tests fail, and are not skipped. */
export function postgresUrl(): string {
  const url = process.env['POSTGRES_URL'];
  if (url === undefined || url === '') {
    throw new Error('POSTGRES_URL is not set: run `npm run test:real`, which starts a Postgres.');
  }
  return url;
}

/** A database of its own on a server. */
export async function aPostgresPlace(server = postgresUrl()): Promise<DatabasePlace & { readonly url: string }> {
  const name = `sluice_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(server, `CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  return {
    url,
    open: (options = {}) => databaseAt(url, '/nowhere', options),
    settings: { 'database.url': url },
    isShared: true,
    remove: () => asAdmin(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function asAdmin(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(sql);
  await client.end();
}
