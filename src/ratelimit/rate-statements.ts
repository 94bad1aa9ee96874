const NOW_US = `floor(extract(epoch FROM clock_timestamp()) * 1000000)::float8`;

export interface LeasedRow {
  readonly key: string;
  readonly granted: number;
  readonly remaining: number;
  readonly us_to_next: number;
}

/**
 * (keys, limits, periods in µs, needs, aheads, returned): a row for each key, which stands in it once. The arithmetic is that of
 * contracts/token-bucket.ts. Rows are locked in the order of their keys, so that no two statements wait for each other.
 */
export const LEASE = `
  INSERT INTO rate_buckets AS b
    (key, per_period, period_us, debt, at_us, full_at_us, need, ahead, returned, granted)
  SELECT r.key, r.per_period, r.period_us, g.granted * r.period_us, c.now_us, c.now_us + g.granted * r.period_us / r.per_period,
    r.need, r.ahead, r.returned, g.granted
  FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[])
    AS r (key, per_period, period_us, need, ahead, returned)
  CROSS JOIN LATERAL (
    SELECT least(r.need, r.per_period) + least(r.ahead, floor((r.per_period - least(r.need, r.per_period)) / 4)) AS granted
  ) AS g
  CROSS JOIN (SELECT ${NOW_US} AS now_us) AS c
  ORDER BY r.key
  ON CONFLICT (key) DO UPDATE SET (debt, at_us, full_at_us, need, ahead, returned, granted) = (
    SELECT after.debt, t.at_us, t.at_us + after.debt / b.per_period, EXCLUDED.need, EXCLUDED.ahead, EXCLUDED.returned, g.granted
    FROM (SELECT ${NOW_US} AS now_us) AS c
    CROSS JOIN LATERAL (SELECT
      CASE WHEN c.now_us > b.at_us THEN c.now_us ELSE least(b.at_us, c.now_us + b.period_us) END AS at_us,
      greatest(0, greatest(0, b.debt - greatest(0, c.now_us - b.at_us) * b.per_period) - EXCLUDED.returned * b.period_us) AS debt
    ) AS t
    CROSS JOIN LATERAL (SELECT greatest(0, b.per_period - ceil(t.debt / b.period_us)) AS free) AS f
    CROSS JOIN LATERAL (SELECT least(EXCLUDED.need, f.free) AS needed) AS n
    CROSS JOIN LATERAL (SELECT n.needed + least(EXCLUDED.ahead, floor((f.free - n.needed) / 4)) AS granted) AS g
    CROSS JOIN LATERAL (SELECT t.debt + g.granted * b.period_us AS debt) AS after
  )
  RETURNING key, granted, greatest(0, per_period - ceil(debt / period_us)) AS remaining,
    CASE WHEN debt = 0 THEN 0
      ELSE (debt - (ceil(debt / period_us) - 1) * period_us) / per_period + greatest(0, at_us - ${NOW_US})
    END AS us_to_next`;

export const SWEPT_AT_ONCE = 10_000;
/** Buckets that are full again. Ends in a SELECT: every driver gives its rows alike. */
export const SWEEP = `
  WITH swept AS (
    DELETE FROM rate_buckets WHERE key IN (
      SELECT key FROM rate_buckets WHERE full_at_us < ${NOW_US} LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED
    ) RETURNING key
  ) SELECT count(*)::int AS count FROM swept`;
