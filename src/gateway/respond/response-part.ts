import { mayPass } from '../execute/runner-headers.js';
import { COOKIE_VALUE, FIELD_VALUE, TOKEN } from '../http-syntax.js';

export interface AnswerParts {
  readonly status: number | null;
  /** Flat list. */
  readonly headers: readonly string[];
}

interface RunnerCookie {
  readonly name?: unknown;
  readonly value?: unknown;
  readonly path?: unknown;
  readonly maxAge?: unknown;
  readonly httpOnly?: unknown;
  readonly secure?: unknown;
  readonly sameSite?: unknown;
}

const COOKIE_PATH = /^\/[\x21-\x3a\x3c-\x7e]*$/;
const SAME_SITE = new Set(['Strict', 'Lax', 'None']);
/** These describe the body, which is ours: a runner's would be wrong. */
const OF_THE_BODY = new Set([
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'content-md5',
  'content-digest',
]);

/**
 * `payload._response {status, headers, cookies}` of an event: what a crud runner says by HTTP itself, under the same rules
 * (spec/responses.md). What is malformed or may not pass is left out: the answer is still good.
 */
export function answerParts(text: string, allowed: ReadonlySet<string>): AnswerParts {
  const part = JSON.parse(text) as { status?: unknown; headers?: unknown; cookies?: unknown } | null;
  const headers: string[] = [];
  if (typeof part !== 'object' || part === null) return { status: null, headers };
  if (typeof part.headers === 'object' && part.headers !== null) {
    for (const [given, value] of Object.entries(part.headers)) addHeader(headers, given.toLowerCase(), value, allowed);
  }
  if (Array.isArray(part.cookies) && allowed.has('set-cookie')) {
    for (const cookie of part.cookies as RunnerCookie[]) {
      const line = setCookie(cookie);
      if (line !== null) headers.push('set-cookie', line);
    }
  }
  const { status } = part;
  const isStatus = typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599;
  return { status: isStatus ? status : null, headers };
}

function addHeader(headers: string[], name: string, value: unknown, allowed: ReadonlySet<string>): void {
  if (!mayPass(name, allowed) || OF_THE_BODY.has(name) || name === 'set-cookie') return;
  for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
    if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean') continue;
    const line = String(item);
    if (FIELD_VALUE.test(line)) headers.push(name, line);
  }
}

function setCookie(cookie: RunnerCookie | null): string | null {
  if (typeof cookie !== 'object' || cookie === null) return null;
  const { name, value, path, maxAge, sameSite } = cookie;
  if (typeof name !== 'string' || !TOKEN.test(name)) return null;
  if (typeof value !== 'string' || !COOKIE_VALUE.test(value)) return null;
  let line = `${name}=${value}`;
  if (typeof path === 'string' && COOKIE_PATH.test(path)) line += `; Path=${path}`;
  if (typeof maxAge === 'number' && Number.isSafeInteger(maxAge)) line += `; Max-Age=${maxAge}`;
  if (cookie.httpOnly === true) line += '; HttpOnly';
  if (cookie.secure === true) line += '; Secure';
  if (typeof sameSite === 'string' && SAME_SITE.has(sameSite)) line += `; SameSite=${sameSite}`;
  return line;
}
