import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const SERVICES = join(import.meta.dirname, '../../scripts/services');

/** A database of its own: on the server that POSTGRES_URL names, else on one that is started and ends with this process. */
export class SoakDatabase {
  static async made() {
    const database = new SoakDatabase();
    const server = process.env.POSTGRES_URL || database.#startServer();
    const name = `sluice_${randomUUID().replaceAll('-', '')}`;
    database.server = server;
    database.name = name;
    database.url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
    await asked(server, `CREATE DATABASE ${name}`);
    return database;
  }

  /** Once a gateway has made its tables. */
  async insert(kind, id, data) {
    await asked(this.url, 'INSERT INTO components (kind, id, data) VALUES ($1, $2, $3)', [kind, id, data]);
  }

  async remove() {
    await asked(this.server, `DROP DATABASE ${this.name} WITH (FORCE)`);
    if (this.folder !== undefined) services(this.folder, 'stop');
  }

  #startServer() {
    this.folder = mkdtempSync(join(tmpdir(), 'sluice-soak-postgres-'));
    return services(this.folder, 'start', 'postgres')
      .replace(/^POSTGRES_URL=/, '')
      .trim();
  }
}

async function asked(url, text, values = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text, values);
  await client.end();
}

function services(folder, ...args) {
  return execFileSync(SERVICES, args, {
    encoding: 'utf8',
    env: { ...process.env, SLUICE_SERVICES: folder, SLUICE_SERVICES_PARENT: String(process.pid) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
