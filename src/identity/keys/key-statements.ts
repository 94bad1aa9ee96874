const SHOWN = `k.id, u.type, k.user_id AS "user", k.name, coalesce(k.roles, u.roles) AS roles, k.expires_at AS "expires", k.created_at AS "createdAt"`;

export interface KeyRow {
  readonly id: string;
  readonly type: string;
  readonly user: string;
  readonly name: string | null;
  readonly roles: string[];
  readonly expires: Date | null;
  readonly createdAt: Date;
}
/** (id, digest, user, name or null, roles or null, end or null): no row where there is no such user. */
export const CREATE = `
  WITH k AS (
    INSERT INTO identity_keys (id, digest, user_id, name, roles, expires_at)
    SELECT $1::uuid, $2::bytea, id, $4, $5::text[], $6::timestamptz FROM identity_users WHERE id = $3 RETURNING *
  ) SELECT ${SHOWN} FROM k JOIN identity_users u ON u.id = k.user_id`;

const CHOSEN = `FROM identity_keys k JOIN identity_users u ON u.id = k.user_id
  WHERE ($1::text IS NULL OR u.type = $1) AND ($2::text IS NULL OR u.id = $2)`;
/** (type or null, user or null) */
export const COUNT = `SELECT count(*)::int AS total ${CHOSEN}`;
const ORDERS = { createdAt: 'k.created_at', expires: 'k.expires_at' } as const;
/** (type or null, user or null, skip, limit) */
export const listOf = (by: keyof typeof ORDERS, descending: boolean): string => `
  SELECT ${SHOWN} ${CHOSEN} ORDER BY ${ORDERS[by]}${descending ? ' DESC' : ''}, k.id OFFSET $3::int LIMIT $4::int`;

/** (id) */
export const KEY = `SELECT ${SHOWN} FROM identity_keys k JOIN identity_users u ON u.id = k.user_id WHERE k.id = $1::uuid`;

/** (id, type or null, user or null) */
export const REMOVE = `
  WITH gone AS (
    DELETE FROM identity_keys k USING identity_users u
    WHERE k.id = $1::uuid AND u.id = k.user_id AND ($2::text IS NULL OR u.type = $2) AND ($3::text IS NULL OR u.id = $3) RETURNING k.id
  ) SELECT id FROM gone`;

/** (digests, type): the key, while it has not expired and its user may log in. */
export const FIND = `
  SELECT ${SHOWN} FROM identity_keys k JOIN identity_users u ON u.id = k.user_id
  WHERE k.digest = ANY ($1::bytea[]) AND u.type = $2 AND NOT u.disabled
    AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())`;
