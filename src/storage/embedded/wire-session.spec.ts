import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PGlite } from '@electric-sql/pglite';
import { WireSession } from './wire-session.js';

describe('statements of the embedded database', () => {
  let db: PGlite;
  beforeAll(async () => {
    db = await PGlite.create();
  }, 30_000);
  afterAll(() => db.close());
  const opened = (mostPlanned?: number): WireSession => new WireSession(db, mostPlanned);
  const planned = async (): Promise<unknown[]> =>
    (await db.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements')).rows.map(
      ({ statement }) => statement,
    );
  beforeEach(() =>
    db.exec('DEALLOCATE ALL; DROP TABLE IF EXISTS things; CREATE TABLE things (id int PRIMARY KEY, name text)'),
  );

  it('give values of all types as texts, and null', async () => {
    const result = await opened().query(
      `SELECT $1::int AS i, $2::text[] AS list, $3::jsonb AS j, $4::bytea AS b, $5::text AS n, $6::timestamptz AT TIME ZONE 'UTC' AS t`,
      ['7', '{"a","b,c"}', '{"a":[1]}', '\\x00ff', null, '2026-01-02T03:04:05Z'],
    );
    expect(result.rows).toEqual([['7', '{a,"b,c"}', '{"a": [1]}', '\\x00ff', null, '2026-01-02 03:04:05']]);
    expect(result.fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
      ...[
        ['i', 23],
        ['list', 1009],
        ['j', 3802],
        ['b', 17],
        ['n', 25],
        ['t', 1114],
      ],
    ]);
    expect(result).toMatchObject({ command: 'SELECT', rowCount: 1 });
  });

  it('tell how many rows they wrote', async () => {
    const session = opened();
    const insert = 'INSERT INTO things SELECT generate_series(1, $1::int)';
    expect(await session.query(insert, ['5'])).toEqual({ command: 'INSERT', rowCount: 5, fields: [], rows: [] });
    expect(await session.query('DELETE FROM things WHERE id > $1', ['3'])).toMatchObject({
      command: 'DELETE',
      rowCount: 2,
    });
  });

  it('are planned once, whatever their values', async () => {
    const session = opened();
    for (const value of ['1', '2', '3']) {
      expect((await session.query('SELECT $1::int AS a', [value])).rows).toEqual([[value]]);
    }
    expect(await planned()).toEqual(['SELECT $1::int AS a']);
  });

  it('keep no more plans than allowed: the one that nobody used for longest goes', async () => {
    const session = opened(2);
    for (const letter of ['a', 'b', 'a', 'c', 'a']) await session.query(`SELECT $1::text AS ${letter}`, ['x']);
    expect((await planned()).sort()).toEqual(['SELECT $1::text AS a', 'SELECT $1::text AS c']);
  });

  it('tell what was wrong, and the session goes on', async () => {
    const session = opened();
    const insert = 'INSERT INTO things (id) VALUES ($1::int)';
    await session.query(insert, ['1']);
    await expect(session.query(insert, ['1'])).rejects.toMatchObject({
      ...{ code: '23505', constraint: 'things_pkey', table: 'things', detail: 'Key (id)=(1) already exists.' },
    });
    await expect(session.query(insert, ['one'])).rejects.toMatchObject({ code: '22P02' });
    await expect(session.query('SELECT nothing WHERE $1', ['t'])).rejects.toMatchObject({ code: '42703' });
    await expect(session.query('SELECT 1 / $1::int', ['0'])).rejects.toMatchObject({ code: '22012' });
    expect((await session.query('SELECT 1 / $1::int AS one', ['1'])).rows).toEqual([['1']]);
    expect((await session.query('SELECT 1 / $1::int', ['1'])).rows).toEqual([['1']]);
    expect((await session.query(insert, ['2'])).rowCount).toBe(1);
  });

  it('are planned anew when a table has changed under them', async () => {
    const session = opened();
    const select = 'SELECT * FROM things WHERE id > $1';
    await session.query(select, ['0']);
    await session.script(`ALTER TABLE things ADD COLUMN more text DEFAULT 'm'; INSERT INTO things VALUES (1, 'n')`);
    expect((await session.query(select, ['0'])).rows).toEqual([['1', 'n', 'm']]);
  });

  it('of a transaction fail as one, and leave the session good', async () => {
    const session = opened();
    const select = 'SELECT * FROM things WHERE id > $1';
    await session.query(select, ['0']);
    await session.script('BEGIN');
    await session.script('ALTER TABLE things ADD COLUMN more text');
    await expect(session.query(select, ['0'])).rejects.toMatchObject({ code: '0A000' });
    await expect(session.query('SELECT $1::int', ['1'])).rejects.toMatchObject({ code: '25P02' });
    await session.script('ROLLBACK');
    expect((await session.query(select, ['0'])).fields).toHaveLength(2);
    expect((await session.query('SELECT $1::int', ['1'])).rows).toEqual([['1']]);
  });

  it('in a script give a result each; one that fails undoes the others', async () => {
    const session = opened();
    const results = await session.script(`INSERT INTO things VALUES (1, 'a'); SELECT name FROM things`);
    expect(results.map(({ command, rowCount, rows }) => [command, rowCount, rows])).toEqual([
      ...[
        ['INSERT', 1, []],
        ['SELECT', 1, [['a']]],
      ],
    ]);
    await expect(session.script('DELETE FROM things; SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    expect((await session.script('SELECT name FROM things'))[0]!.rows).toEqual([['a']]);
    expect(await session.script('')).toEqual([{ command: '', rowCount: 0, fields: [], rows: [] }]);
  });

  it('take what is large', async () => {
    const large = 'ä'.repeat(3_000_000);
    expect((await opened().query('SELECT length($1::text), $1', [large])).rows).toEqual([['3000000', large]]);
  });
});
