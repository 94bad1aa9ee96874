import { createHash } from 'node:crypto';

/** What a token is kept by: SHA-256 in base64url. */
export const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('base64url');

const DIGEST = /^[A-Za-z0-9_-]{43}$/;
export const isDigest = (text: unknown): text is string => typeof text === 'string' && DIGEST.test(text);

/** The last moment that both JavaScript and Postgres write with four digits for the year. */
const LAST_MS = Date.UTC(9999, 11, 31);

/** As a timestamptz is given; what is no moment at all never comes. */
export const timestampOf = (ms: number): string =>
  new Date(Number.isFinite(ms) ? Math.min(Math.max(ms, 0), LAST_MS) : LAST_MS).toISOString();
