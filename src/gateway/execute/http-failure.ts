import { GatewayError } from '../../errors/gateway.error.js';
import type { ErrorName } from '../../errors/error-table.js';

/**
 * What undici and the operating system call a failure, in our words (spec/runner-contract.md, "When a runner fails"). The only place
 * that knows their codes.
 */
const BY_CODE: Readonly<Record<string, ErrorName>> = {
  UND_ERR_CONNECT_TIMEOUT: 'BACKEND_TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'BACKEND_TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'BACKEND_TIMEOUT',
  ETIMEDOUT: 'BACKEND_TIMEOUT',
  ECONNREFUSED: 'BACKEND_UNREACHABLE',
  ENOTFOUND: 'BACKEND_UNREACHABLE',
  EAI_AGAIN: 'BACKEND_UNREACHABLE',
  EHOSTUNREACH: 'BACKEND_UNREACHABLE',
  ENETUNREACH: 'BACKEND_UNREACHABLE',
  ECONNRESET: 'BACKEND_BROKE_OFF',
  EPIPE: 'BACKEND_BROKE_OFF',
  UND_ERR_SOCKET: 'BACKEND_BROKE_OFF',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'BACKEND_BROKE_OFF',
  UND_ERR_HEADERS_OVERFLOW: 'ANSWER_TOO_LARGE',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'ANSWER_TOO_LARGE',
};

/** @param wasSent whether the call had a connection already */
export function translated(error: Error, wasSent: boolean): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = codeOf(error);
  const known = code === null ? undefined : BY_CODE[code];
  const isUnsent = !wasSent;
  if (known !== undefined) return new GatewayError(known, { cause: error, isUnsent });
  // llhttp's errors, with or without a code: what came is no HTTP.
  if (error.name === 'HTTPParserError' || code?.startsWith('HPE_') === true)
    return new GatewayError('ANSWER_UNREADABLE', { cause: error });
  return new GatewayError(wasSent ? 'BACKEND_BROKE_OFF' : 'BACKEND_UNREACHABLE', { cause: error });
}

/** Whether a connection ended, rather than the call: what was sent on it may never have arrived. */
export function isReset(error: Error): boolean {
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}

function codeOf(error: Error): string | null {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  // Several addresses were tried: the first says enough.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return codeOf(error.errors[0]);
  return null;
}
