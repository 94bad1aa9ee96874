import { ERRORS } from '../../../errors/error-table.js';
import { GatewayError } from '../../../errors/gateway.error.js';

/**
 * A failed call as flows may show it: 502, 503 and 504 keep their status, all else is 502. The cause of what is none of these is
 * dropped: a parser's message, say, quotes the text that it met, and that may hold credentials.
 */
export function serverFailure(error: unknown): GatewayError {
  if (!(error instanceof GatewayError)) return new GatewayError('BACKEND_FAILED', { cause: nameOf(error) });
  // What is no HTTP is kept in the parser's error, tokens of an answer among it.
  if (error.error === 'ANSWER_UNREADABLE' && error.cause instanceof Error)
    return new GatewayError('ANSWER_UNREADABLE', { cause: error.cause.name });
  const status = error.status ?? ERRORS[error.error].status;
  if (status >= 502 && status <= 504) return error;
  return new GatewayError('BACKEND_FAILED', { cause: `${error.error} of ${nameOf(error.cause)}` });
}

/**
 * What an error status of the server's own comes to. 429 is the client's own doing only where the server says when to come again, as the
 * built-in one does, here and at another gateway.
 * @param safePayload JSON text
 */
export function statusFailure(status: number, safePayload: string | null = null): GatewayError {
  const cause = `the server answered with status ${status}`;
  const retryAfterSeconds = retryAfterIn(safePayload);
  const wait = retryAfterSeconds === null ? {} : { retryAfterSeconds };
  if (status === 429 && retryAfterSeconds !== null) return new GatewayError('LOGINS_LIMITED', { cause, ...wait });
  if (status === 503) return new GatewayError('BACKEND_UNAVAILABLE', { cause, ...wait });
  if (status === 504) return new GatewayError('BACKEND_TIMEOUT', { cause });
  return new GatewayError('BACKEND_FAILED', { cause });
}

const LONGEST_SECONDS = 86_400;
function retryAfterIn(safePayload: string | null): number | null {
  const told = safePayload === null ? null : (JSON.parse(safePayload) as { retryAfter?: unknown } | null)?.retryAfter;
  return typeof told === 'number' && Number.isInteger(told) && told > 0 ? Math.min(told, LONGEST_SECONDS) : null;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
