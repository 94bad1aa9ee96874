/** Where a credential was found; the places are asked in this order, and the first that has a name gives its value. */
export type CredentialPlace = 'header' | 'authorization' | 'cookie' | 'body';

export interface Credential {
  readonly value: string;
  readonly from: CredentialPlace;
}

/** All that a request carries to say who sends it (spec/apis.md, "What a request may carry"). */
export interface Credentials {
  /** By name in lower case, since parameters match without regard to case. */
  readonly values: ReadonlyMap<string, Credential>;
  /** Something began as a credential and did not end as one: 401 `invalid token`, unless the token record says canIgnore. */
  readonly malformed: boolean;
}

/** Name in lower case, and value. */
export type Parameter = readonly [name: string, value: string];

export const MAX_VALUE_LENGTH = 16_384;
export const MAX_NAME_LENGTH = 64;
export const MAX_PARAMETERS = 50;
