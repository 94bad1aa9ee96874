/** Why fields have no effect in this release. Each goes with the capability that brings the field into force. */
export const EXTERNAL_LATER = 'tokens of external issuers are not accepted in this release';
