import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Sessions of the built-in session runner, one for each origin. All times are the database's own: clocks of replicas differ. The release
 * before can run beside it.
 */
export class CreateSessions1764000000004 implements MigrationInterface {
  readonly name = 'CreateSessions1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    // Room in each page for the next version of a row, and no index but the key: an extension touches nothing else. The sweep reads the
    // table, every few minutes.
    await runner.query(`
      CREATE TABLE sessions (
        -- {type}-{id}
        origin_key text COLLATE "C" PRIMARY KEY,
        id uuid NOT NULL,
        begun_at timestamptz NOT NULL,
        -- From then on there is no session, whether or not the row was swept.
        expires_at timestamptz NOT NULL
      ) WITH (fillfactor = 70)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE sessions`);
  }
}
