/** Columns of a user, without what is secret. */
export const SHOWN = `u.id, u.type, u.username, u.profile, u.roles, u.disabled, u.otp_on AS "hasOtp", u.version,
  u.created_at AS "createdAt", u.updated_at AS "updatedAt"`;

export interface UserRow {
  readonly id: string;
  readonly type: string;
  readonly username: string;
  readonly profile: Record<string, unknown>;
  readonly roles: string[];
  readonly disabled: boolean;
  readonly hasOtp: boolean;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
export interface NamedRow extends UserRow {
  /** Folded. */
  readonly name: string;
}

export interface Secrets {
  readonly password: string | null;
  readonly secret: string | null;
}
/** All null: nobody has the name. */
export type ProofRow = Secrets & { readonly [Name in keyof UserRow]: UserRow[Name] | null };
/** (type, folded name): one row, whether or not there is such a user, so that both answers take one time. */
export const PROOF = `
  SELECT ${SHOWN}, u.password, u.secret
  FROM (SELECT 1) AS one LEFT JOIN identity_users u ON u.type = $1 AND u.name = $2`;
/** (type, id) */
export const USER_OF_TYPE = `SELECT ${SHOWN}, u.name FROM identity_users u WHERE type = $1 AND id = $2`;
/** (id) */
export const USER = `SELECT ${SHOWN} FROM identity_users u WHERE id = $1`;

export interface CountRow {
  readonly total: number;
}
const CHOSEN = `($1::text IS NULL OR type = $1) AND ($2::text IS NULL OR name LIKE $2)
  AND ($3::boolean IS NULL OR disabled = $3)`;
/** (type or null, pattern or null, disabled or null) */
export const COUNT = `SELECT count(*)::int AS total FROM identity_users WHERE ${CHOSEN}`;
const ORDERS = { username: 'name', createdAt: 'created_at', updatedAt: 'updated_at' } as const;
/** (type or null, pattern or null, disabled or null, skip, limit) */
export const listOf = (by: keyof typeof ORDERS, descending: boolean): string => `
  SELECT ${SHOWN} FROM identity_users u WHERE ${CHOSEN}
  ORDER BY ${ORDERS[by]}${descending ? ' DESC' : ''}, name, type OFFSET $4::int LIMIT $5::int`;

const VALUES = `$1, $2, $3, $4, $5::jsonb, $6::text[], $7::boolean, $8, $9`;
const COLUMNS = `id, type, name, username, profile, roles, disabled, password, secret`;
/** (id, type, folded name, username, profile, roles, disabled, password hash, secret hash): no row where the id is taken. */
export const INSERT = `
  WITH u AS (INSERT INTO identity_users (${COLUMNS}) VALUES (${VALUES}) RETURNING *) SELECT ${SHOWN} FROM u`;
/** The same, and no row where id or name are taken. */
export const INSERT_UNLESS_THERE = `
  WITH u AS (INSERT INTO identity_users (${COLUMNS}) VALUES (${VALUES}) ON CONFLICT DO NOTHING RETURNING *)
  SELECT ${SHOWN} FROM u`;
/** (type) */
export const HAS_USERS = `SELECT EXISTS (SELECT FROM identity_users WHERE type = $1) AS has`;

/**
 * (type or null, role): who has a role that somebody must keep, locked: of two who take it from each other, the second waits here, and
 * sees what the first left. Type null: nobody must keep it.
 */
const holders = (type: string, role: string): string => `
  SELECT id FROM identity_users WHERE ${type}::text IS NOT NULL AND type = ${type} AND NOT disabled AND ${role}::text = ANY (roles)
  ORDER BY id FOR UPDATE`;
/** All holders are counted before anything is written: a scan that ends early would lock but some of them. */
const OTHERS_HOLD = `(SELECT count(*) FILTER (WHERE id <> $1) FROM holders) > 0`;
const HOLDS_NOT = `NOT EXISTS (SELECT FROM holders WHERE id = $1)`;

/**
 * (id, version or null, folded name, username, profile, roles, disabled, password hash, secret hash), null = as it is. A new password or
 * secret, and being disabled, end the logins. Then (type or null, role): no row where nobody would keep that role.
 */
export const CHANGE = `
  WITH holders AS MATERIALIZED (${holders('$10', '$11')}), u AS (
    UPDATE identity_users AS u SET
      name = coalesce($3, u.name), username = coalesce($4, u.username), profile = coalesce($5::jsonb, u.profile),
      roles = coalesce($6::text[], u.roles), disabled = coalesce($7::boolean, u.disabled),
      password = coalesce($8, u.password), secret = coalesce($9, u.secret),
      version = u.version + 1, updated_at = clock_timestamp()
    WHERE id = $1 AND ($2::int IS NULL OR version = $2::int) AND ($10::text IS NULL OR ${OTHERS_HOLD} OR ${HOLDS_NOT}
      OR (NOT coalesce($7::boolean, u.disabled) AND $11::text = ANY (coalesce($6::text[], u.roles)))) RETURNING *
  ), ended AS (
    DELETE FROM identity_logins WHERE user_id IN (SELECT id FROM u) AND ($7::boolean OR $8::text IS NOT NULL OR $9::text IS NOT NULL)
  ), begun AS (
    DELETE FROM identity_steps WHERE user_id IN (SELECT id FROM u) AND ($7::boolean OR $8::text IS NOT NULL)
  ) SELECT ${SHOWN} FROM u`;

/** (id, version or null), then (type or null, role): no row where nobody would keep that role. */
export const REMOVE = `
  WITH holders AS MATERIALIZED (${holders('$3', '$4')}), gone AS (
    DELETE FROM identity_users WHERE id = $1 AND ($2::int IS NULL OR version = $2::int)
      AND ($3::text IS NULL OR ${OTHERS_HOLD} OR ${HOLDS_NOT}) RETURNING id
  ) SELECT id FROM gone`;

/** (id, hash so far, new hash): the same password, hashed anew. Nothing else changes. */
export const REHASH = `
  WITH u AS (UPDATE identity_users SET password = $3 WHERE id = $1 AND password = $2 RETURNING id) SELECT id FROM u`;
