import { SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import type { SeenCall } from '../../examples/identity-over-rpc/identity-server.js';
import type { CallAnswer, ErrorAnswer } from './call.js';

type Members = Readonly<Record<string, unknown>>;

/** By which the tokens of users are signed. */
export const SECRET = randomBytes(64);

export interface Tokens {
  readonly token: string;
  readonly refreshToken: string;
}
export function tokensOf(answer: CallAnswer): Tokens {
  const { user_token: token, refresh_token: refreshToken } = answer.json<Record<string, string>>();
  return { token: token!, refreshToken: refreshToken! };
}

export const basic = (user: string, password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

/** Status and message of an error. */
export const said = (answer: CallAnswer): unknown => [
  answer.status,
  answer.json<Partial<ErrorAnswer>>().error?.message,
];

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
}

/** The same token with other claims; time cannot be waited for. */
export function resigned(token: string, claims: Members): Promise<string> {
  const payload = { ...claimsOf(token), ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS512' }).sign(SECRET);
}
export const secondsAgo = (seconds: number): number => Math.floor(Date.now() / 1000) - seconds;

/** requestMeta.auth of a call to the identity server. */
export function authOf({ body, isPlain }: SeenCall): Members {
  const sent = JSON.parse(body) as { auth?: Members; requestMeta?: { auth?: Members } };
  return (isPlain ? sent.auth : sent.requestMeta?.auth) ?? {};
}

/** Values of Set-Cookie, by the cookie's name. */
export function cookiesOf({ headers }: CallAnswer): Record<string, string> {
  const all = headers['set-cookie'] ?? [];
  return Object.fromEntries(all.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
}
