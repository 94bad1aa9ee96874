import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Buckets of user rate limits that replicas share through Postgres. They stand under digests; all times are the database's own. The
 * release before can run beside it.
 */
export class CreateRateBuckets1764000000003 implements MigrationInterface {
  readonly name = 'CreateRateBuckets1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    // Unlogged: a crash of the server makes all buckets full, and a lease waits for no disk. Room in each page for the next version of a
    // row, and no index but the key: a lease touches nothing else.
    await runner.query(`
      CREATE UNLOGGED TABLE rate_buckets (
        key text PRIMARY KEY,
        per_period float8 NOT NULL,
        period_us float8 NOT NULL,
        -- Tokens times µs that are missing, as in src/contracts/token-bucket.ts, and when that was so.
        debt float8 NOT NULL,
        at_us float8 NOT NULL,
        -- From then on it is full, and nobody needs the row.
        full_at_us float8 NOT NULL,
        -- What the last lease asked for and got.
        need float8 NOT NULL,
        ahead float8 NOT NULL,
        returned float8 NOT NULL,
        granted float8 NOT NULL
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE rate_buckets`);
  }
}
