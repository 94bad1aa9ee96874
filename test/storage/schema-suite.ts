import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { until } from '../support/until.js';
import { CHANGES, storedRecords, type OpenDatabase } from './built.js';
import type { DatabasePlace } from './database-place.js';

/** Tables, triggers and their promises (migrations/). */
export function schemaSuite(aPlace: () => Promise<DatabasePlace>): void {
  let place: DatabasePlace;
  let database: OpenDatabase;
  let source: DataSource;
  beforeAll(async () => {
    place = await aPlace();
    database = place.open();
    source = await database.open();
  });
  beforeEach(async () => {
    await source.query('DELETE FROM components');
  });
  afterAll(async () => {
    await database.close();
    await place.remove();
  });
  const tables = async (): Promise<unknown[]> => {
    const rows: { name: string }[] = await source.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };
  const TABLES = [
    ...['component_revision', 'components', 'encryption_keys', 'identity_attempts', 'identity_keys', 'identity_logins'],
    ...[
      'identity_steps',
      'identity_users',
      'migrations',
      'rate_buckets',
      'refresh_tokens',
      'revoked_tokens',
      'sessions',
    ],
    'token_families',
  ];

  describe('migrations', () => {
    it('run once, however often the database is opened', async () => {
      await database.close();
      database = place.open();
      source = await database.open();
      const done: unknown[] = await source.query('SELECT name FROM migrations');
      expect(done).toHaveLength(source.migrations.length);
      expect(await tables()).toEqual(TABLES);
    });
    it('go down and up again, and leave nothing behind', async () => {
      for (let times = 0; times < source.migrations.length; times++) await source.undoLastMigration();
      expect(await tables()).toEqual(['migrations']);
      const others = await source.query(
        `SELECT (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace)::int AS functions,
                (SELECT count(*) FROM pg_sequences WHERE schemaname = 'public' AND sequencename LIKE 'component%')::int AS sequences`,
      );
      expect(others).toEqual([{ functions: 0, sequences: 0 }]);
      await source.runMigrations();
      expect(await tables()).toEqual(TABLES);
    });
    it('make what the entities say', async () => {
      const { upQueries } = await source.driver.createSchemaBuilder().log();
      const differing = upQueries
        .map(({ query }) => query)
        .filter((query) => /"components".*"(kind|id|data|version|updated_at)"/.test(query));
      // Checks and triggers are the migrations' own; types and nullability are compared.
      expect(differing.filter((query) => /TYPE|NOT NULL|ADD COLUMN|ADD "/.test(query))).toEqual([]);
    });
  });

  const revision = (): Promise<string> => storedRecords.revision(source.manager);
  const versions = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await storedRecords.list(source.manager)).map(({ id, version }) => [id, Number(version)]));
  const write = (...records: [id: string, fields: object][]): Promise<void> =>
    source.transaction((manager) =>
      storedRecords.write(
        manager,
        records.map(([id, fields]) => ({ kind: 'system', id, fields })),
      ),
    );

  describe('versions', () => {
    it('change with the words of a record, and of it alone', async () => {
      await write(['a', { x: 1 }], ['b', { x: 1 }]);
      const before = await versions();
      await write(['a', { x: 1 }], ['b', { x: 2 }]);
      const after = await versions();
      expect(after['a']).toBe(before['a']);
      expect(after['b']).toBeGreaterThan(before['b']!);
    });
    it('never come again for a record that was deleted and made anew', async () => {
      await write(['a', { x: 1 }]);
      const before = await versions();
      await source.transaction((manager) => storedRecords.remove(manager, [{ kind: 'system', id: 'a' }]));
      expect(await versions()).toEqual({});
      await write(['a', { x: 1 }]);
      expect((await versions())['a']).toBeGreaterThan(before['a']!);
    });
    it('belong to the database: no hand chooses them', async () => {
      await source.query(
        `INSERT INTO components (kind, id, data, version, updated_at) VALUES ('token', 't', '{}', 999999, '2000-01-01')`,
      );
      await source.query(`UPDATE components SET version = 999999 WHERE id = 't'`);
      expect((await versions())['t']).toBeLessThan(999999);
    });
    it('are read with words, order and numbers as they were stored', async () => {
      const text = '{"z": 1.0, "a" : 12345678901234567890}';
      await source.query(`INSERT INTO components (kind, id, data) VALUES ('system', 's', $1)`, [text]);
      const places = await storedRecords.list(source.manager);
      const read = [];
      for await (const batch of storedRecords.read(source.manager, places)) read.push(...batch);
      expect(read).toEqual([{ ...places[0], text }]);
    });
    it('are read of more records than one batch holds', async () => {
      await write(...Array.from({ length: 450 }, (_, index): [string, object] => [`s${index}`, { index }]));
      let count = 0;
      for await (const batch of storedRecords.read(source.manager, await storedRecords.list(source.manager)))
        count += batch.length;
      expect([count, await source.manager.count('components')]).toEqual([450, 450]);
    });
  });

  describe('the revision', () => {
    it('grows with each transaction by any hand, and is told', async () => {
      const told: string[] = [];
      database.on('notification', (channel, payload) => void (channel === CHANGES && told.push(payload)));
      await database.listen(CHANGES);
      const seen = [await revision()];
      const steps: (() => Promise<unknown>)[] = [
        () => write(['a', { x: 1 }], ['b', { x: 1 }]),
        () => source.query(`INSERT INTO components (kind, id, data) VALUES ('channel', 'c', '{"target": "/x"}')`),
        () => source.query(`UPDATE components SET data = '{"x": 3}' WHERE id = 'b'`),
        () => source.query(`DELETE FROM components WHERE id = 'a'`),
        () => source.query('TRUNCATE components'),
      ];
      for (const step of steps) {
        await step();
        seen.push(await revision());
      }
      const numbers = seen.map(Number);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
      await until(() => told.includes(seen.at(-1)!));
      expect(seen.slice(1).every((one) => told.includes(one))).toBe(true);
    });
    it('stays where nothing was written, or what was written was rolled back', async () => {
      await write(['a', { x: 1 }]);
      const before = await revision();
      const rolled = source.transaction(async (manager) => {
        await manager.query('DELETE FROM components');
        throw new Error('no');
      });
      await expect(rolled).rejects.toThrow('no');
      expect(await revision()).toBe(before);
      expect(Object.keys(await versions())).toEqual(['a']);
    });
  });

  it.each([
    ['another kind', `INSERT INTO components (kind, id, data) VALUES ('user', 'a', '{}')`],
    ['no id', `INSERT INTO components (kind, id, data) VALUES ('system', '', '{}')`],
    ['no object', `INSERT INTO components (kind, id, data) VALUES ('system', 'a', '[]')`],
  ])('refuses a record of %s', async (_, sql) => {
    await expect(source.query(sql)).rejects.toMatchObject({ code: '23514' });
  });
}
