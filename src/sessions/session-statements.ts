/**
 * What the session runner asks of the database. Each step is one statement, so that any number of replicas may take it at once; each
 * ends in a SELECT, so that every driver gives its rows alike. Times are the database's. Statements with several rows lock them in the
 * order of their keys.
 */

const until = (ttl: string): string => `c.now + ${ttl}::float8 * interval '1 millisecond'`;
const CLOCK = `(SELECT clock_timestamp() AS now) AS c`;
const SESSION = `id::text AS id, floor(extract(epoch FROM expires_at) * 1000)::float8 AS expire`;

export interface SessionRow {
  readonly id: string;
  /** Epoch ms. */
  readonly expire: number;
}

/** (key, fresh id, ttl in ms): the origin's session with its time starting anew, else one with the fresh id. */
export const TOUCH = `
  WITH touched AS (
    INSERT INTO sessions AS s (origin_key, id, begun_at, expires_at)
    SELECT $1::text, $2::uuid, c.now, ${until('$3')} FROM ${CLOCK}
    ON CONFLICT (origin_key) DO UPDATE SET (id, begun_at, expires_at) = (
      SELECT CASE WHEN s.expires_at > c.now THEN s.id ELSE EXCLUDED.id END,
        CASE WHEN s.expires_at > c.now THEN s.begun_at ELSE c.now END,
        ${until('$3')}
      FROM ${CLOCK}
    ) RETURNING id, expires_at
  ) SELECT ${SESSION} FROM touched`;

/** (key, ttl in ms): no row where the origin has no session. */
export const EXTEND = `
  WITH extended AS (
    UPDATE sessions AS s SET expires_at = (SELECT ${until('$2')} FROM ${CLOCK})
    WHERE origin_key = $1::text AND expires_at > clock_timestamp() RETURNING id, expires_at
  ) SELECT ${SESSION} FROM extended`;

export interface KeyRow {
  readonly key: string;
}
/** (distinct keys, ttl in ms): the keys that have no session. */
export const EXTEND_LIST = `
  WITH live AS MATERIALIZED (
    SELECT origin_key FROM sessions WHERE origin_key = ANY ($1::text[]) AND expires_at > clock_timestamp()
    ORDER BY origin_key FOR UPDATE
  ), extended AS (
    UPDATE sessions AS s SET expires_at = (SELECT ${until('$2')} FROM ${CLOCK})
    FROM live WHERE s.origin_key = live.origin_key RETURNING s.origin_key
  ) SELECT asked.key FROM unnest($1::text[]) AS asked (key)
    WHERE NOT EXISTS (SELECT FROM extended WHERE extended.origin_key = asked.key)`;

/**
 * (key, old key, fresh id, ttl in ms, priority): one session is left of two, under the key. What is inserted is the old origin's session,
 * or a fresh one; its id tells which.
 */
export const STITCH = `
  WITH locked AS MATERIALIZED (
    SELECT origin_key, id, begun_at, expires_at FROM sessions WHERE origin_key IN ($1::text, $2::text)
    ORDER BY origin_key FOR UPDATE
  ), old AS MATERIALIZED (
    SELECT id, begun_at FROM locked WHERE origin_key = $2::text AND expires_at > clock_timestamp()
  ), kept AS (
    INSERT INTO sessions AS s (origin_key, id, begun_at, expires_at)
    SELECT $1::text, coalesce(old.id, $3::uuid), coalesce(old.begun_at, c.now), ${until('$4')}
    FROM ${CLOCK} LEFT JOIN old ON true
    ON CONFLICT (origin_key) DO UPDATE SET (id, begun_at, expires_at) = (
      SELECT CASE WHEN t.takes THEN EXCLUDED.id ELSE s.id END,
        CASE WHEN t.takes THEN EXCLUDED.begun_at ELSE s.begun_at END,
        ${until('$4')}
      FROM ${CLOCK} CROSS JOIN LATERAL (SELECT s.expires_at <= c.now OR (EXCLUDED.id <> $3::uuid AND CASE $5::text
        WHEN 'existing' THEN true
        WHEN 'old' THEN EXCLUDED.begun_at <= s.begun_at
        WHEN 'new' THEN EXCLUDED.begun_at > s.begun_at
        ELSE false END) AS takes) AS t
    ) RETURNING id, expires_at
  ), ended AS (
    DELETE FROM sessions WHERE origin_key IN (SELECT origin_key FROM locked WHERE origin_key = $2::text)
  ) SELECT ${SESSION} FROM kept`;

export interface CountRow {
  readonly count: number;
}
/** (key, session id or null): how many sessions ended, none or one. Another session than the given is a newer one, and stays. */
export const EXPIRE = `
  WITH ended AS (
    DELETE FROM sessions WHERE origin_key = $1::text AND ($2::text IS NULL OR id::text = $2::text) RETURNING expires_at
  ) SELECT count(*)::int AS count FROM ended WHERE expires_at > clock_timestamp()`;

export const SWEPT_AT_ONCE = 5000;
/** How many rows of ended sessions were taken out. */
export const SWEEP = `
  WITH swept AS (
    DELETE FROM sessions WHERE origin_key IN (
      SELECT origin_key FROM sessions WHERE expires_at <= clock_timestamp() LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED
    ) RETURNING origin_key
  ) SELECT count(*)::int AS count FROM swept`;

export interface ListedRow {
  readonly id: string;
  readonly key: string;
  /** Epoch ms. */
  readonly begun: number;
  readonly expire: number;
}
/** Of all that fit. */
export interface TotalRow {
  readonly total: number;
}

/** Keys are `{type}-{id}`: compared as texts, so that nothing in them is a pattern. $1 type, $2 id; null: any. */
const FITS = `expires_at > clock_timestamp() AND ($1::text IS NULL OR starts_with(origin_key, $1::text || '-'))
  AND ($2::text IS NULL OR right(origin_key, length($2::text) + 1) = '-' || $2::text)
  AND ($1::text IS NULL OR $2::text IS NULL OR origin_key = $1::text || '-' || $2::text)`;

/** (type or null, id or null): how many fit. */
export const COUNT_SESSIONS = `SELECT count(*)::int AS total FROM sessions WHERE ${FITS}`;
/** (type or null, id or null, skip, limit): the newest first. */
export const LIST_SESSIONS = `
  SELECT id::text AS id, origin_key AS key, floor(extract(epoch FROM begun_at) * 1000)::float8 AS begun,
    floor(extract(epoch FROM expires_at) * 1000)::float8 AS expire
  FROM sessions WHERE ${FITS} ORDER BY begun_at DESC, origin_key OFFSET $3::int LIMIT $4::int`;

/** (session id): how many sessions ended, none or one. */
export const END_SESSION = `
  WITH ended AS (DELETE FROM sessions WHERE id::text = $1::text RETURNING expires_at)
  SELECT count(*)::int AS count FROM ended WHERE expires_at > clock_timestamp()`;
