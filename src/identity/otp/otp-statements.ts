export interface OtpRow {
  /** Sealed. */
  readonly secret: string | null;
  readonly isOn: boolean;
}
/** (user) */
export const READ = `SELECT otp_secret AS secret, otp_on AS "isOn" FROM identity_users WHERE id = $1`;

const changed = (set: string, where: string): string => `
  WITH u AS (UPDATE identity_users SET ${set} WHERE id = $1 AND ${where} RETURNING id) SELECT id FROM u`;
const VERSION = `version = version + 1, updated_at = clock_timestamp()`;

/** (user, sealed secret): nothing where codes are asked for already. */
export const SET_UP = changed(`otp_secret = $2, otp_step = 0`, `NOT otp_on`);
/** (user, sealed secret, step): a code counts once. */
export const USE = changed(`otp_step = $3::bigint`, `otp_on AND otp_secret = $2 AND otp_step < $3::bigint`);
/** (user, sealed secret, step, digests of recovery codes) */
export const TURN_ON = changed(
  `otp_on = true, otp_step = $3::bigint, recovery = $4::text[], ${VERSION}`,
  `NOT otp_on AND otp_secret = $2 AND otp_step < $3::bigint`,
);
/** (user) */
export const TURN_OFF = changed(`otp_on = false, otp_secret = NULL, recovery = '{}', ${VERSION}`, `otp_on`);
/** (user, digests) */
export const RECOVERY = changed(`recovery = $2::text[]`, `otp_on`);
/** (user, digest): a code counts once. */
export const USE_RECOVERY = changed(`recovery = array_remove(recovery, $2)`, `otp_on AND $2 = ANY (recovery)`);
