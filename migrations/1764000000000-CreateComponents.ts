import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Components as they are stored, and one row that tells whether anything changed. Triggers count and tell, so that a change by any
 * hand (the gateway, psql, a script) reaches every replica.
 */
export class CreateComponents1764000000000 implements MigrationInterface {
  readonly name = 'CreateComponents1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE SEQUENCE component_versions AS bigint`);
    await runner.query(`
      CREATE TABLE components (
        kind text NOT NULL CHECK (kind IN ('system', 'channel', 'service', 'token')),
        id text NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
        -- json, not jsonb: numbers and the order of members stay as they were written.
        data json NOT NULL CHECK (json_typeof(data) = 'object'),
        -- Of one sequence for all: a record that was deleted and made again never has an old version.
        version bigint NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (kind, id)
      )`);
    await runner.query(`
      CREATE TABLE component_revision (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        revision bigint NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    await runner.query(`INSERT INTO component_revision (revision, updated_at) VALUES (0, now())`);
    await runner.query(`
      CREATE FUNCTION component_version() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.version := nextval('component_versions');
        NEW.updated_at := now();
        RETURN NEW;
      END $$`);
    await runner.query(`
      CREATE TRIGGER component_version BEFORE INSERT OR UPDATE ON components
        FOR EACH ROW EXECUTE FUNCTION component_version()`);
    // The row lock orders writers: revisions become visible in the order of their numbers, and a poll misses none.
    await runner.query(`
      CREATE FUNCTION component_change() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE now_at bigint;
      BEGIN
        UPDATE component_revision SET revision = revision + 1, updated_at = clock_timestamp() RETURNING revision INTO now_at;
        PERFORM pg_notify('sluice_components', now_at::text);
        RETURN NULL;
      END $$`);
    await runner.query(`
      CREATE TRIGGER component_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON components
        FOR EACH STATEMENT EXECUTE FUNCTION component_change()`);
    await runner.query(`
      CREATE TABLE encryption_keys (
        fingerprint text PRIMARY KEY,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE encryption_keys, component_revision, components`);
    await runner.query(`DROP FUNCTION component_change(), component_version()`);
    await runner.query(`DROP SEQUENCE component_versions`);
  }
}
