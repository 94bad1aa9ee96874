import type { IssuerDirectory } from '../../src/gateway/identify/issuers/issuer.js';

/** Where no token is an external issuer's. */
export const NO_ISSUERS: IssuerDirectory = {
  of: ({ issuer }) => {
    throw new Error(`Nobody should have asked for the issuer ${issuer}.`);
  },
};
