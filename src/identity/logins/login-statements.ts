import { SHOWN, type UserRow } from '../users/user-statements.js';

const NOW = `clock_timestamp()`;

/** (id, user, digest of the refresh token, seconds of the refresh token): no row where the user is gone meanwhile, or may not log in. */
export const BEGIN = `
  WITH begun AS (
    INSERT INTO identity_logins (id, user_id, refresh_digest, refresh_seconds, begun_at, expires_at)
    SELECT $1::uuid, u.id, $3::bytea, $4::float8, c.now, c.now + $4::float8 * interval '1 second'
    FROM identity_users u, (SELECT ${NOW} AS now) AS c WHERE u.id = $2 AND NOT u.disabled
    RETURNING id
  ) SELECT id FROM begun`;

export interface HeldRow extends UserRow {
  /** Since somebody logged in. */
  readonly ageSeconds: number;
}
/** (id, user): whose login it is, if it holds and the user may log in. */
export const HOLDS = `
  SELECT ${SHOWN}, extract(epoch FROM ${NOW} - l.begun_at)::float8 AS "ageSeconds"
  FROM identity_logins l JOIN identity_users u ON u.id = l.user_id
  WHERE l.id = $1::uuid AND l.user_id = $2 AND l.expires_at > ${NOW} AND NOT u.disabled`;

export interface RotatedRow {
  /** rotated, or stolen: the token before the last one came. */
  readonly outcome: 'rotated' | 'reused';
  readonly userId: string;
  readonly seconds: number;
}
/**
 * (id, type, digest that came, new digest, seconds of the new one or null): of many with one token at once one rotates it. Who comes with the token
 * before, and later than a client that sent it twice would, ends the login.
 */
export const ROTATE = `
  WITH rotated AS (
    UPDATE identity_logins AS l SET previous_digest = l.refresh_digest, refresh_digest = $4::bytea, rotated_at = c.now,
      expires_at = c.now + coalesce($5::float8, l.refresh_seconds) * interval '1 second'
    FROM identity_users u, (SELECT ${NOW} AS now) AS c
    WHERE l.id = $1::uuid AND u.id = l.user_id AND u.type = $2 AND NOT u.disabled
      AND l.refresh_digest = $3::bytea AND l.expires_at > c.now
    RETURNING l.user_id, coalesce($5::float8, l.refresh_seconds) AS seconds
  ), ended AS (
    DELETE FROM identity_logins WHERE id = $1::uuid AND previous_digest = $3::bytea
      AND rotated_at < ${NOW} - interval '10 seconds' RETURNING user_id
  ) SELECT 'rotated' AS outcome, user_id AS "userId", seconds FROM rotated UNION ALL SELECT 'reused', user_id, 0 FROM ended`;

/** (id) */
export const END = `WITH ended AS (DELETE FROM identity_logins WHERE id = $1::uuid RETURNING id) SELECT id FROM ended`;
/** (id, digest of its refresh token) */
export const END_BY_REFRESH = `
  WITH ended AS (DELETE FROM identity_logins WHERE id = $1::uuid AND refresh_digest = $2::bytea RETURNING id) SELECT id FROM ended`;
/** (user) */
export const END_ALL = `
  WITH ended AS (DELETE FROM identity_logins WHERE user_id = $1 RETURNING id) SELECT count(*)::int AS count FROM ended`;

/** (digest of the transactionId, user, seconds) */
export const BEGIN_STEP = `
  WITH begun AS (
    INSERT INTO identity_steps (digest, user_id, expires_at) VALUES ($1::bytea, $2, ${NOW} + $3::float8 * interval '1 second')
    RETURNING user_id
  ) SELECT user_id FROM begun`;
export interface StepRow {
  readonly userId: string;
}
/** (digest of the transactionId, type) */
export const FIND_STEP = `
  SELECT s.user_id AS "userId" FROM identity_steps s JOIN identity_users u ON u.id = s.user_id
  WHERE s.digest = $1::bytea AND u.type = $2 AND s.expires_at > ${NOW}`;
/** (digest of the transactionId): it counts once. */
export const END_STEP = `
  WITH ended AS (DELETE FROM identity_steps WHERE digest = $1::bytea RETURNING user_id) SELECT user_id AS "userId" FROM ended`;

export const SWEPT_AT_ONCE = 5000;
const swept = (table: string, key: string): string => `
  WITH swept AS (
    DELETE FROM ${table} WHERE ${key} IN (
      SELECT ${key} FROM ${table} WHERE expires_at <= ${NOW} LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED
    ) RETURNING ${key}
  ) SELECT count(*)::int AS count FROM swept`;
export const SWEEP_LOGINS = swept('identity_logins', 'id');
export const SWEEP_STEPS = swept('identity_steps', 'digest');
export const SWEEP_KEYS = swept('identity_keys', 'id');
