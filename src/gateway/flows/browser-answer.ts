import { GatewayError } from '../../errors/gateway.error.js';
import type { Answer } from '../stage.js';

/** RFC 6265, 6.1; of name and value. */
const LONGEST_COOKIE = 4096;

/** A browser drops a cookie that is too long in silence, and the user would be sent to log in again and again. */
export function throwUnlessKept(headers: readonly string[]): void {
  for (const [index, value] of headers.entries()) {
    const length = headers[index - 1] === 'Set-Cookie' ? value.indexOf(';') : 0;
    if (length > LONGEST_COOKIE)
      throw new GatewayError('INTERNAL', {
        cause: `a cookie of ${length} bytes is more than browsers keep (${LONGEST_COOKIE}): let the token have fewer claims, or set verifiable to false`,
      });
  }
}

export function withError(redirectUri: string, error: string, headers: readonly string[]): Answer {
  const url = new URL(redirectUri);
  url.searchParams.set('error', error);
  return redirect(url.href, headers);
}

export function redirect(location: string, headers: readonly string[]): Answer {
  return {
    ...{ kind: 'answer', status: 303, body: null, contentType: null, code: null },
    headers: ['Location', location, ...headers],
  };
}
