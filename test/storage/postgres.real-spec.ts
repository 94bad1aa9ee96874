import { describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { until } from '../support/until.js';
import { Database, ENTITIES, AesSecretBox } from './built.js';
import { aPostgresPlace, KEY } from './database-place.js';
import { databaseSuite } from './database-suite.js';
import { SilentProxy } from './silent-proxy.js';

jest.setTimeout(60_000);

describe('a Postgres', () => {
  databaseSuite(() => aPostgresPlace());

  it('is migrated once by many that open it at once', async () => {
    const place = await aPostgresPlace();
    const databases = Array.from({ length: 6 }, () => place.open());
    const sources = await Promise.all(databases.map((database) => database.open()));
    const done: unknown[] = await sources[0]!.query('SELECT name FROM migrations');
    expect(done).toHaveLength(sources[0]!.migrations.length);
    await Promise.all(databases.map((database) => database.close()));
    await place.remove();
  });

  it('that went without a word is found out by the first query, and asked over new connections', async () => {
    const place = await aPostgresPlace();
    const { port } = new URL(place.url);
    const proxy = await SilentProxy.to(Number(port));
    const url = Object.assign(new URL(place.url), { port: String(proxy.port) }).href;
    const lines: string[] = [];
    const database = new Database({
      ...{ url, folder: '/nowhere', entities: [...ENTITIES], box: new AesSecretBox([KEY]), hasGeneratedKey: false },
      log: (_, message) => void lines.push(message),
      queryTimeoutMs: 300,
    });
    const heard: string[] = [];
    database.on('notification', (channel) => heard.push(channel));
    const source = await database.open();
    await database.listen('told');
    // The pool has as many as it may.
    await Promise.all(Array.from({ length: 10 }, () => source.query('SELECT pg_sleep(0.05)')));
    proxy.lose();
    const first = await Promise.allSettled(Array.from({ length: 10 }, () => source.query('SELECT 1')));
    expect(first.some(({ status }) => status === 'rejected')).toBe(true);
    expect(await Promise.all(Array.from({ length: 10 }, () => source.query('SELECT 1 AS one')))).toHaveLength(10);
    await until(() => lines.some((line) => line.includes('heard again')), 30_000);
    await source.query('NOTIFY told');
    await until(() => heard.length > 0);
    await database.close();
    await proxy.close();
    await place.remove();
  });

  it('is closed at once also where it does not answer', async () => {
    const place = await aPostgresPlace();
    const proxy = await SilentProxy.to(Number(new URL(place.url).port));
    const url = Object.assign(new URL(place.url), { port: String(proxy.port) }).href;
    const database = new Database({
      ...{
        url,
        folder: '/nowhere',
        entities: [...ENTITIES],
        box: new AesSecretBox([KEY]),
        hasGeneratedKey: false,
        log: () => undefined,
      },
    });
    await database.listen('told');
    proxy.lose();
    const startedAt = performance.now();
    await database.close();
    expect(performance.now() - startedAt).toBeLessThan(2000);
    await proxy.close();
    const client = new pg.Client({ connectionString: place.url });
    await client.connect();
    await client.end();
    await place.remove();
  });
});
