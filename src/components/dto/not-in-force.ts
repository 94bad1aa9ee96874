/** Why fields have no effect in this release. Each goes with the capability that brings the field into force. */
export const LIMITS_LATER = 'limits, breakers and retries are not applied in this release';
export const TOKENS_LATER =
  'tokens are not checked in this release: only public paths are served, everything else is answered with 401';
