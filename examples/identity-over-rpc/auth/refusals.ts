import { RunnerError } from '../../runner-kit/index.js';

/** Codes by which a gateway knows that the credentials are at fault, not the server. */
export const MISSING = 10123;
export const EXPIRED = 10124;
export const INVALID = 10125;
const UNAUTHORIZED = { http: 401 } as const;

export const missing = (name: string) => new RunnerError(MISSING, `missing ${name}`, UNAUTHORIZED);
export const expiredToken = () => new RunnerError(EXPIRED, 'expired token', UNAUTHORIZED);
/** The same for what is forged, revoked, used up or unknown: the answer must not tell which. */
export const invalidToken = () => new RunnerError(INVALID, 'invalid token', UNAUTHORIZED);
/** The same for a wrong password and an unknown user. */
export const wrongCredentials = () => new RunnerError(INVALID, 'wrong credentials', UNAUTHORIZED);
export const badInput = (message: string) => new RunnerError(400, message);
