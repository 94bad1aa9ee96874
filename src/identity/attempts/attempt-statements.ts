/** One clock for a whole statement, so that all its times fit. */
const CLOCK = `(SELECT clock_timestamp() AS now) AS c`;
/** What is under way for longer belongs to a process that is gone: it counts as failed. */
const STALE = `interval '30 seconds'`;

export interface BegunRow {
  readonly key: string;
  /** Whether this try may go on. */
  readonly ok: boolean;
  readonly failures: number;
  readonly isLocked: boolean;
  /** Until the window or the lock ends. */
  readonly leftMs: number;
}
/**
 * (distinct keys, most failures of each, window in ms, id of this try): counts the try as under way, where failures and tries under way
 * are fewer than that. Of many at once no more get in.
 */
export const BEGIN = `
  WITH begun AS (
    INSERT INTO identity_attempts AS t (key, failures, pending, pending_at, ends_at, granted)
    SELECT asked.key, 0, 1, c.now, c.now + $3::float8 * interval '1 ms', $4::uuid
    FROM unnest($1::text[]) AS asked (key), ${CLOCK} ORDER BY asked.key
    ON CONFLICT (key) DO UPDATE SET (failures, pending, pending_at, ends_at, locked_until, granted) = (
      SELECT s.failures, s.pending + CASE WHEN s.ok THEN 1 ELSE 0 END, CASE WHEN s.ok THEN c.now ELSE t.pending_at END,
        CASE WHEN s.fresh THEN EXCLUDED.ends_at ELSE t.ends_at END,
        CASE WHEN s.fresh THEN NULL ELSE t.locked_until END,
        CASE WHEN s.ok THEN EXCLUDED.granted ELSE t.granted END
      FROM ${CLOCK}
      CROSS JOIN LATERAL (SELECT coalesce(t.locked_until, t.ends_at) <= c.now AS fresh, t.pending_at <= c.now - ${STALE} AS stale) AS w
      CROSS JOIN LATERAL (
        SELECT CASE WHEN w.fresh THEN 0 WHEN w.stale THEN t.failures + t.pending ELSE t.failures END AS failures,
          CASE WHEN w.stale THEN 0 ELSE t.pending END AS pending
      ) AS n
      CROSS JOIN LATERAL (
        SELECT n.failures, n.pending, w.fresh, (w.fresh OR t.locked_until IS NULL)
          AND n.failures + n.pending < ($2::int[])[array_position($1::text[], t.key)] AS ok
      ) AS s
    ) RETURNING key, granted = $4::uuid AS ok, failures, locked_until, ends_at
  ) SELECT key, ok, failures, coalesce(locked_until > c.now, false) AS "isLocked",
      greatest(0, ceil(extract(epoch FROM coalesce(locked_until, ends_at) - c.now) * 1000))::float8 AS "leftMs"
    FROM begun, ${CLOCK}`;

export interface SettledRow {
  readonly key: string;
  readonly failures: number;
}
/**
 * (keys, whether each failed, whether a success clears each, most failures, lock in ms or null): a try under way has ended. Failures
 * from the most on lock a key that has a lock.
 */
export const SETTLE = `
  WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::boolean[], $3::boolean[], $4::int[], $5::float8[]) AS a (key, fails, clears, most, lock_ms)
  ), locked AS MATERIALIZED (
    SELECT key FROM identity_attempts WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE
  ), settled AS (
    UPDATE identity_attempts AS t SET
      pending = greatest(t.pending - 1, 0),
      failures = CASE WHEN asked.clears THEN 0 WHEN asked.fails THEN t.failures + 1 ELSE t.failures END,
      locked_until = CASE WHEN asked.clears THEN NULL
        WHEN asked.fails AND t.failures + 1 >= asked.most THEN c.now + asked.lock_ms * interval '1 ms'
        ELSE t.locked_until END
    FROM locked JOIN asked USING (key) CROSS JOIN ${CLOCK}
    WHERE t.key = locked.key RETURNING t.key, t.failures
  ) SELECT key, failures FROM settled`;

export const SWEPT_AT_ONCE = 5000;
/** The newest stay, however many names somebody tries. */
export const MOST_KEYS = 500_000;
const swept = (chosen: string): string => `
  WITH swept AS (DELETE FROM identity_attempts WHERE key IN (${chosen}) RETURNING key)
  SELECT count(*)::int AS count FROM swept`;
export const SWEEP_ATTEMPTS = swept(`
  SELECT key FROM identity_attempts WHERE ends_at <= clock_timestamp()
    AND (locked_until IS NULL OR locked_until <= clock_timestamp()) LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED`);
export const SWEEP_OLDEST_ATTEMPTS = swept(
  `SELECT key FROM identity_attempts ORDER BY ends_at DESC OFFSET ${MOST_KEYS} LIMIT ${SWEPT_AT_ONCE}`,
);
