import { IdentityFault } from '../contracts/identities.js';

/** Codes of spec/runner-contract.md, "Errors". */
const NO_SUCH_ACTION = 3;
const MISSING_PARAMETER = 10009;
const BAD_INPUT = 10011;
const NO_RECORD = 10028;
const TOKEN_MISSING = 10123;
const TOKEN_EXPIRED = 10124;
const CREDENTIALS_INVALID = 10125;
const EXISTS = 11006;
const NOT_ENABLED = 17006;

export const noSuchAction = () => new IdentityFault(NO_SUCH_ACTION, 404, 'the identity server has no such action');
export const wrongMethod = () => new IdentityFault(405, 405, 'the identity server is asked by POST');
export const needsRole = () =>
  new IdentityFault(403, 403, 'users are administered on a path whose rule names a role: this one lets every user in');
export const notByKey = () => new IdentityFault(403, 403, 'an API key may not change the account of its user');
export const missing = (name: string) => new IdentityFault(MISSING_PARAMETER, 400, `${name} is missing`);
export const badInput = (message: string) => new IdentityFault(BAD_INPUT, 400, message);
export const badMember = (name: string, problem: string) =>
  new IdentityFault(BAD_INPUT, 400, `${name} ${problem}`, { member: { name, problem } });
export const noUser = () => new IdentityFault(NO_RECORD, 404, 'there is no such user');
export const noKey = () => new IdentityFault(NO_RECORD, 404, 'there is no such API key');
export const changedMeanwhile = () => new IdentityFault(412, 412, 'the user has changed meanwhile: read it again');
export const lastWithRole = () => new IdentityFault(409, 409, 'nobody else has a role that somebody must keep');
export const taken = (what: string) => new IdentityFault(EXISTS, 409, `${what} is taken`);
export const notEnabled = (what: string) => new IdentityFault(NOT_ENABLED, 400, `${what} is not enabled`);

/** One and the same for a wrong password, an unknown, locked or disabled user and a bad code: nobody learns which. */
export const wrongCredentials = () => new IdentityFault(CREDENTIALS_INVALID, 401, 'wrong credentials');
export const missingCredential = (name: string) => new IdentityFault(TOKEN_MISSING, 401, `missing ${name}`);
export const expiredToken = () => new IdentityFault(TOKEN_EXPIRED, 401, 'expired token');
export const invalidToken = () => new IdentityFault(CREDENTIALS_INVALID, 401, 'invalid token');

export const tooManyFailures = (retryAfterSeconds: number) =>
  new IdentityFault(429, 429, 'too many failed logins from this address', { retryAfterSeconds });

/** Until the database or a place in the queue can be had. */
const RETRY_AFTER_SECONDS = 5;
export const unavailable = (message: string, cause?: unknown) =>
  new IdentityFault(503, 503, message, { cause, retryAfterSeconds: RETRY_AFTER_SECONDS });
