import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { until } from '../support/until.js';
import type { OpenDatabase } from './built.js';
import type { DatabasePlace } from './database-place.js';

const WAIT_MS = 500;

/** What the code above relies on, whichever Postgres is below. */
export function engineSuite(aPlace: () => Promise<DatabasePlace>): void {
  let place: DatabasePlace;
  let database: OpenDatabase;
  let source: DataSource;
  beforeAll(async () => {
    place = await aPlace();
    database = place.open({ waitMs: WAIT_MS });
    source = await database.open();
  });
  afterAll(async () => {
    await database.close();
    await place.remove();
  });
  beforeEach(async () => {
    await source.query('DROP TABLE IF EXISTS things');
    await source.query('CREATE TABLE things (id bigint PRIMARY KEY, word text CONSTRAINT one_word UNIQUE)');
  });
  const words = async (): Promise<unknown[]> =>
    (await source.query<{ word: string }[]>('SELECT word FROM things ORDER BY id')).map(({ word }) => word);
  const insert = (id: number, word: string): Promise<unknown> =>
    source.query('INSERT INTO things VALUES ($1, $2)', [id, word]);

  describe('values', () => {
    it.each([
      ['bigint', 'bigint', '9007199254740993', '9007199254740993'],
      ['numeric', 'numeric', '123456789012345678901234567890.000000001', '123456789012345678901234567890.000000001'],
      ['text', 'text', `'";\\ \u0001 ä€😀\n`, `'";\\ \u0001 ä€😀\n`],
      ['boolean', 'boolean', true, true],
      ['double precision', 'double precision', 0.1, 0.1],
      ['integer', 'integer', -5, -5],
      ['json', 'json', { b: [1, { a: null }], a: 'x' }, { b: [1, { a: null }], a: 'x' }],
      ['jsonb', 'jsonb', { a: [true] }, { a: [true] }],
      ['bytea', 'bytea', Buffer.from([0, 255, 92, 39]), Buffer.from([0, 255, 92, 39])],
      ['text[]', 'text[]', ['a', 'b,c', '"d\\', null, ''], ['a', 'b,c', '"d\\', null, '']],
      ['bigint[]', 'bigint[]', ['9007199254740993'], ['9007199254740993']],
      ['timestamptz', 'timestamptz', new Date('2026-01-02T03:04:05.678Z'), new Date('2026-01-02T03:04:05.678Z')],
      ['uuid', 'uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
      ['null', 'text', null, null],
    ])('of type %s go in and come out', async (_, type, given, expected) => {
      expect(await source.query(`SELECT $1::${type} AS value`, [given])).toEqual([{ value: expected }]);
    });
    it('of json keep order and numbers as they were written', async () => {
      const text = '{"z":1.0,"a":12345678901234567890,"z2":1e2}';
      expect(await source.query('SELECT $1::json::text AS text', [text])).toEqual([{ text }]);
    });
  });

  describe('statements', () => {
    it('tell how many rows they changed', async () => {
      await insert(1, 'a');
      await insert(2, 'b');
      expect(await source.query(`UPDATE things SET word = word || '!'`)).toEqual([[], 2]);
      expect(await source.query('DELETE FROM things WHERE id = $1', [3])).toEqual([[], 0]);
      expect(await source.query('DELETE FROM things WHERE id = $1 RETURNING word', [2])).toEqual([[{ word: 'b!' }], 1]);
    });
    it('that break a constraint say which', async () => {
      await insert(1, 'a');
      await expect(insert(2, 'a')).rejects.toMatchObject({ code: '23505', constraint: 'one_word', table: 'things' });
      await expect(source.query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '42P01' });
    });
    it('insert or update at once', async () => {
      const upsert = `INSERT INTO things VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET word = EXCLUDED.word RETURNING word`;
      expect(await source.query(upsert, [1, 'a'])).toEqual([{ word: 'a' }]);
      expect(await source.query(upsert, [1, 'b'])).toEqual([{ word: 'b' }]);
      expect(await words()).toEqual(['b']);
    });
    it('may be several in one text', async () => {
      await source.query(`INSERT INTO things VALUES (1, 'a'); INSERT INTO things VALUES (2, 'b')`);
      expect(await words()).toEqual(['a', 'b']);
    });
  });

  describe('transactions', () => {
    it('that fail leave nothing, while others run beside them', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, id) =>
          source.transaction(async (manager) => {
            await manager.query('INSERT INTO things VALUES ($1, $2)', [id, `w${id}`]);
            await manager.query('SELECT 1');
            if (id % 2 === 1) throw new Error('no');
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(
        Array.from({ length: 20 }, (_, id) => (id % 2 === 1 ? 'rejected' : 'fulfilled')),
      );
      expect(await words()).toEqual(Array.from({ length: 10 }, (_, index) => `w${2 * index}`));
    });
    it('that meet an error are over, and the connection is good for the next', async () => {
      await expect(
        source.transaction(async (manager) => {
          await manager.query(`INSERT INTO things VALUES (1, 'a')`);
          await manager.query('SELECT 1/0');
        }),
      ).rejects.toMatchObject({ code: '22012' });
      await insert(2, 'b');
      expect(await words()).toEqual(['b']);
    });
    it('go back to a savepoint', async () => {
      await source.transaction(async (manager) => {
        await manager.query(`INSERT INTO things VALUES (1, 'a')`);
        const inner = manager.transaction(async (nested) => {
          await nested.query(`INSERT INTO things VALUES (2, 'b')`);
          throw new Error('no');
        });
        await expect(inner).rejects.toThrow('no');
        await manager.query(`INSERT INTO things VALUES (3, 'c')`);
      });
      expect(await words()).toEqual(['a', 'c']);
    });
    it('have the isolation that they ask for', async () => {
      const level = await source.transaction('REPEATABLE READ', (manager) =>
        manager.query('SHOW transaction_isolation'),
      );
      expect(level).toEqual([{ transaction_isolation: 'repeatable read' }]);
      expect(await source.query('SHOW transaction_isolation')).toEqual([{ transaction_isolation: 'read committed' }]);
    });
    it('that wait for a query outside themselves get an error, and wait for ever in no case', async () => {
      const waits = source.transaction(async (manager) => {
        await manager.query('LOCK TABLE things IN ACCESS EXCLUSIVE MODE');
        await source.query('SELECT * FROM things');
      });
      await expect(waits).rejects.toThrow(
        place.isShared ? /timeout/ : /no turn within 500 ms.*must use the transaction's own manager/,
      );
      await insert(1, 'a');
      expect(await words()).toEqual(['a']);
    });
    it('hold an advisory lock until their end', async () => {
      const held = `SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND objid = 1717`;
      await source.transaction(async (manager) => {
        await manager.query('SELECT pg_advisory_xact_lock(1717)');
        expect(await manager.query(held)).toEqual([{ held: 1 }]);
      });
      expect(await source.query(held)).toEqual([{ held: 0 }]);
    });
  });

  describe('notifications', () => {
    const heard: string[] = [];
    beforeAll(() => {
      database.on('notification', (channel, payload) => heard.push(`${channel}:${payload}`));
    });
    beforeEach(() => void heard.splice(0));

    it('of a channel are heard, once each, when their transaction is done', async () => {
      // Each look at the source asks for the channel again.
      for (let times = 0; times < 3; times++) await database.listen('a-Channel');
      await source.transaction(async (manager) => {
        await manager.query(`SELECT pg_notify('a-Channel', 'first')`);
        expect(heard).toEqual([]);
      });
      await source.query(`NOTIFY other, 'unheard'`);
      await source.query(`NOTIFY "a-Channel", 'second'`);
      await until(() => heard.length >= 2);
      await source.query('SELECT 1');
      expect(heard).toEqual(['a-Channel:first', 'a-Channel:second']);
    });
    it('are not heard of what was rolled back', async () => {
      await database.listen('rolled');
      const rolled = source.transaction(async (manager) => {
        await manager.query(`NOTIFY rolled, 'never'`);
        throw new Error('no');
      });
      await expect(rolled).rejects.toThrow('no');
      await source.query(`NOTIFY rolled, 'then'`);
      await until(() => heard.length > 0);
      expect(heard).toEqual(['rolled:then']);
    });
    it('are heard of a channel that was asked for during a transaction that fails', async () => {
      let listening: Promise<void> = Promise.resolve();
      const failing = source.transaction(async (manager) => {
        await manager.query('SELECT 1');
        listening = database.listen('within');
        await manager.query('SELECT 1');
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      await listening;
      await source.query(`NOTIFY within, 'heard'`);
      await until(() => heard.length > 0);
      expect(heard).toEqual(['within:heard']);
    });
  });

  it('holds up nothing of this process while it works', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await source.query('SELECT count(*) FROM generate_series(1, 1000000)');
    const busy = ticks;
    clearInterval(timer);
    expect(busy).toBeGreaterThan(3);
  });
}
