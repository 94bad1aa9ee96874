import { LEEWAY_MS, MOST_REVOKED } from './revoked-digests.js';

const UNEXPIRED = `expires_at > now() - interval '${LEEWAY_MS} milliseconds'`;

/** (digests, expiries): in one order everywhere, so that two who write the same ones do not wait for each other. */
export const REVOKE = `
  WITH written AS (
    INSERT INTO revoked_tokens (digest, expires_at, revoked_at)
    SELECT digest, expires_at, clock_timestamp()
    FROM unnest($1::text[], $2::timestamptz[]) AS given (digest, expires_at) ORDER BY digest
    ON CONFLICT (digest) DO NOTHING RETURNING digest
  ) SELECT count(*)::int AS count FROM written`;

export interface RevokedRow {
  /** The database's clock at this look: text, with all its digits. */
  readonly at: string;
  /** Null in the one row that comes where nothing was revoked. */
  readonly digest: string | null;
  readonly expires_ms: number | null;
}
/** (since or null, overlap): the newest first, one more than are kept. */
export const REVOKED_SINCE = `
  SELECT clock.at, r.digest, r.expires_ms FROM (SELECT now()::text AS at) AS clock
  LEFT JOIN LATERAL (
    SELECT digest, (extract(epoch FROM expires_at) * 1000)::float8 AS expires_ms, revoked_at FROM revoked_tokens
    WHERE revoked_at > coalesce($1::timestamptz - $2::interval, '-infinity') AND ${UNEXPIRED}
    ORDER BY revoked_at DESC LIMIT ${MOST_REVOKED + 1}
  ) AS r ON true ORDER BY r.revoked_at DESC`;

/** One batch of rows that nobody asks for any more; several replicas may sweep at once. */
const batchOf = (table: string, condition: string): string => `
  WITH swept AS (
    DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${table} WHERE ${condition} LIMIT 1000 FOR UPDATE SKIP LOCKED
    )) RETURNING 1
  ) SELECT count(*)::int AS count FROM swept`;

/** Tokens come before their families, which would take them along. Families that ended early are known for another day. */
export const SWEEPS = [
  batchOf('revoked_tokens', `NOT (${UNEXPIRED})`),
  batchOf('refresh_tokens', `expires_at < now() - interval '1 minute'`),
  batchOf('token_families', `ends_at < now() - interval '1 minute'`),
  batchOf('token_families', `ended_at < now() - interval '1 day'`),
] as const;
