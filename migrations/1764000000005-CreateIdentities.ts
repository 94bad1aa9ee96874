import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Users, logins, API keys and failed attempts of the built-in identity server. All times are the database's own: clocks of replicas
 * differ. The release before can run beside it.
 */
export class CreateIdentities1764000000005 implements MigrationInterface {
  readonly name = 'CreateIdentities1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity_users (
        id text COLLATE "C" PRIMARY KEY,
        type text COLLATE "C" NOT NULL,
        -- NFKC, case-folded: what names are compared by.
        name text COLLATE "C" NOT NULL,
        username text NOT NULL,
        profile jsonb NOT NULL,
        roles text[] NOT NULL,
        disabled boolean NOT NULL,
        -- Hashes that tell algorithm and costs; null: nobody can log in so.
        password text,
        secret text,
        -- Encrypted with secrets.key. It counts once otp_on; otp_step is the last that was used (RFC 6238).
        otp_secret text,
        otp_on boolean NOT NULL DEFAULT false,
        otp_step bigint NOT NULL DEFAULT 0,
        -- Digests of the recovery codes that are left.
        recovery text[] NOT NULL DEFAULT '{}',
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT identity_users_name UNIQUE (type, name)
      )`);
    await runner.query(`
      CREATE TABLE identity_logins (
        id uuid PRIMARY KEY,
        user_id text COLLATE "C" NOT NULL REFERENCES identity_users ON DELETE CASCADE,
        refresh_digest bytea NOT NULL,
        previous_digest bytea,
        rotated_at timestamptz,
        -- Life of each of its refresh tokens.
        refresh_seconds double precision NOT NULL,
        begun_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX identity_logins_user ON identity_logins (user_id)`);
    await runner.query(`CREATE INDEX identity_logins_expiry ON identity_logins (expires_at)`);
    await runner.query(`
      CREATE TABLE identity_keys (
        id uuid PRIMARY KEY,
        digest bytea NOT NULL UNIQUE,
        user_id text COLLATE "C" NOT NULL REFERENCES identity_users ON DELETE CASCADE,
        name text,
        -- Null: those of the user.
        roles text[],
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query(`CREATE INDEX identity_keys_user ON identity_keys (user_id)`);
    await runner.query(`
      CREATE TABLE identity_attempts (
        -- Digest of a name of a type, or of an address.
        key text COLLATE "C" PRIMARY KEY,
        failures integer NOT NULL,
        -- Under way: each may become a failure.
        pending integer NOT NULL,
        pending_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        locked_until timestamptz,
        -- Who was let in last: tells a statement whether it was it.
        granted uuid NOT NULL
      ) WITH (fillfactor = 70)`);
    await runner.query(`CREATE INDEX identity_attempts_end ON identity_attempts (ends_at)`);
    await runner.query(`
      CREATE TABLE identity_steps (
        -- Digest of the transactionId.
        digest bytea PRIMARY KEY,
        user_id text COLLATE "C" NOT NULL REFERENCES identity_users ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query(`CREATE INDEX identity_steps_expiry ON identity_steps (expires_at)`);
    await runner.query(`CREATE INDEX identity_steps_user ON identity_steps (user_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['steps', 'attempts', 'keys', 'logins', 'users'])
      await runner.query(`DROP TABLE identity_${table}`);
  }
}
