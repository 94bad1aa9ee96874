/** Why fields have no effect in this release. Each goes with the capability that brings the field into force. */
export const LIMITS_LATER = 'limits, breakers and retries are not applied in this release';
export const VERIFYING_LATER =
  'the authentication server is not asked in this release, and calls of such a path are refused with 503';
export const FLOWS_LATER = 'authentication and session servers are not called in this release';
export const EXTERNAL_LATER = 'tokens of external issuers are not accepted in this release';
