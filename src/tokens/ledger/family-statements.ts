/**
 * What the ledger asks of the database about families. Each step is one statement, so that any number of replicas may take it at once;
 * each ends in a SELECT, so that every driver gives its rows alike. Times are the database's.
 */

/** Who rotates and is not heard of again holds the token for so long. */
const CLAIM = `interval '15 seconds'`;
/** Old tokens get the same answer for so long. */
const REPEAT = `interval '10 seconds'`;
const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** A provider may give a token that stands here already: it goes on in the new family. */
const ADOPT = `ON CONFLICT (digest) DO UPDATE SET family = EXCLUDED.family, issued_at = EXCLUDED.issued_at,
  expires_at = EXCLUDED.expires_at, used_at = NULL, rotated_at = NULL, answer_sealed = NULL`;

/** (id, kind, begun, ends, content, digest) */
export const BEGIN = `
  WITH family AS (
    INSERT INTO token_families (id, token_kind, begun_at, ends_at, content_sealed)
    VALUES ($1, $2, $3::timestamptz, $4::timestamptz, $5) RETURNING id, ends_at
  ), token AS (
    INSERT INTO refresh_tokens (digest, family, issued_at, expires_at)
    SELECT $6, id, clock_timestamp(), ends_at FROM family ${ADOPT} RETURNING digest
  ) SELECT digest FROM token`;

export interface ClaimedRow {
  readonly family: string;
  readonly token_kind: string;
  readonly begun_ms: number;
  readonly ends_ms: number;
  readonly content_sealed: string;
}
/** (digest): a row for exactly one of those who ask at once. */
export const CLAIM_TOKEN = `
  WITH claimed AS (
    UPDATE refresh_tokens t SET used_at = clock_timestamp() FROM token_families f
    WHERE t.digest = $1 AND f.id = t.family AND f.ended_at IS NULL AND f.ends_at > now() AND t.expires_at > now()
      AND t.rotated_at IS NULL AND (t.used_at IS NULL OR t.used_at < now() - ${CLAIM})
    RETURNING f.id, f.token_kind, f.begun_at, f.ends_at, f.content_sealed
  ) SELECT id AS family, token_kind, ${ms('begun_at')} AS begun_ms, ${ms('ends_at')} AS ends_ms, content_sealed FROM claimed`;

export interface StandingRow {
  readonly family: string;
  readonly is_over: boolean;
  readonly has_expired: boolean;
  readonly is_rotated: boolean;
  readonly is_recent: boolean;
  readonly answer_sealed: string | null;
}
/** (digest): how a token stands that could not be claimed. */
export const STANDING = `
  SELECT f.id AS family, f.ended_at IS NOT NULL AS is_over, (f.ends_at <= now() OR t.expires_at <= now()) AS has_expired,
    t.rotated_at IS NOT NULL AS is_rotated, coalesce(t.rotated_at > now() - ${REPEAT}, false) AS is_recent, t.answer_sealed
  FROM refresh_tokens t JOIN token_families f ON f.id = t.family WHERE t.digest = $1`;

/** (from, family, answer, to): a row where it went on. */
export const ROTATE = `
  WITH rotated AS (
    UPDATE refresh_tokens t SET rotated_at = clock_timestamp(), answer_sealed = $3 FROM token_families f
    WHERE t.digest = $1 AND t.family = $2 AND f.id = t.family AND f.ended_at IS NULL AND f.ends_at > now()
      AND t.rotated_at IS NULL AND t.used_at IS NOT NULL
    RETURNING f.id, f.ends_at
  ), token AS (
    INSERT INTO refresh_tokens (digest, family, issued_at, expires_at)
    SELECT $4, id, clock_timestamp(), ends_at FROM rotated ${ADOPT} RETURNING digest
  ) SELECT digest FROM token`;

/** (digest, family): a row where the family goes on. */
export const RELEASE = `
  WITH released AS (
    UPDATE refresh_tokens t SET used_at = NULL FROM token_families f
    WHERE t.digest = $1 AND t.family = $2 AND f.id = t.family AND f.ended_at IS NULL AND t.rotated_at IS NULL
    RETURNING t.digest
  ) SELECT digest FROM released`;

/** (family): a row for the one who ended it. */
export const END_FAMILY = `
  WITH ended AS (
    UPDATE token_families SET ended_at = clock_timestamp() WHERE id = $1 AND ended_at IS NULL RETURNING id
  ) SELECT id FROM ended`;

/** (digests of tokens) */
export const END_FAMILIES_OF = `
  WITH ended AS (
    UPDATE token_families SET ended_at = clock_timestamp()
    WHERE ended_at IS NULL AND id IN (SELECT family FROM refresh_tokens WHERE digest = ANY ($1::text[])) RETURNING id
  ) SELECT id FROM ended`;

/** A little later than anybody may ask for them. */
export const FORGET_ANSWERS = `
  WITH forgotten AS (
    UPDATE refresh_tokens SET answer_sealed = NULL
    WHERE answer_sealed IS NOT NULL AND rotated_at < now() - ${REPEAT} - interval '1 second' RETURNING digest
  ) SELECT count(*)::int AS count FROM forgotten`;
