import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Refresh tokens by the login that they come from, and gateway tokens that were revoked. Tokens stand here as digests, contents and
 * answers sealed. All times are the database's own: clocks of replicas differ. The release before can run beside it.
 */
export class CreateTokenLedger1764000000002 implements MigrationInterface {
  readonly name = 'CreateTokenLedger1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE token_families (
        id text PRIMARY KEY,
        token_kind text NOT NULL,
        begun_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        content_sealed text NOT NULL,
        -- A logout, or a token of it that was used again.
        ended_at timestamptz
      )`);
    await runner.query(`CREATE INDEX token_families_ends_at ON token_families (ends_at)`);
    await runner.query(`CREATE INDEX token_families_ended_at ON token_families (ended_at) WHERE ended_at IS NOT NULL`);
    await runner.query(`
      CREATE TABLE refresh_tokens (
        digest text PRIMARY KEY,
        family text NOT NULL REFERENCES token_families (id) ON DELETE CASCADE,
        issued_at timestamptz NOT NULL,
        -- Claimed by one who rotates it: a claim that came to nothing is void after a while.
        used_at timestamptz,
        rotated_at timestamptz,
        -- For seconds only: what the rotation gave, for those who come with the old token.
        answer_sealed text,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX refresh_tokens_family ON refresh_tokens (family)`);
    await runner.query(`CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at)`);
    await runner.query(
      `CREATE INDEX refresh_tokens_answered ON refresh_tokens (rotated_at) WHERE answer_sealed IS NOT NULL`,
    );
    await runner.query(`
      CREATE TABLE revoked_tokens (
        digest text PRIMARY KEY,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX revoked_tokens_expires_at ON revoked_tokens (expires_at)`);
    await runner.query(`CREATE INDEX revoked_tokens_revoked_at ON revoked_tokens (revoked_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE revoked_tokens, refresh_tokens, token_families`);
  }
}
