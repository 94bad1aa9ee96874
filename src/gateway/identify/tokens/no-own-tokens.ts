import { refused, type TokenCodec } from './checked-token.js';

/** Of a record that has no secret, and takes the tokens of an external issuer alone. */
export const NO_OWN_TOKENS: TokenCodec = Object.freeze({
  key: '',
  check: () => refused('issuer'),
  issue: () => Promise.reject(new Error('A record without a secret issues no tokens.')),
});
