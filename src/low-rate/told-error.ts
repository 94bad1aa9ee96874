import { HttpException } from '@nestjs/common';
import type { LowRateError } from '../contracts/edge-view.js';
import { IdentityFault } from '../contracts/identities.js';
import { ERRORS, type ErrorName } from '../errors/error-table.js';
import { GatewayError } from '../errors/gateway.error.js';
import { Refused, type RefusedOptions } from './refused.js';

/** What Nest's own exceptions stand for. */
const BY_STATUS: Readonly<Record<number, ErrorName>> = { 403: 'NOT_ALLOWED_ADDRESS', 404: 'NOT_FOUND' };
/** What the identity server says is told as the gateway's own: with the status as code. */
const OF_IDENTITY: Readonly<Record<IdentityFault['status'], ErrorName>> = {
  400: 'INPUT_INVALID',
  401: 'TOKEN_INVALID',
  403: 'ROLE_MISSING',
  404: 'RECORD_UNKNOWN',
  405: 'METHOD_NOT_ALLOWED',
  409: 'RECORD_TAKEN',
  412: 'RECORD_CHANGED',
  429: 'TOO_MANY_CALLS',
  501: 'FEATURE_OFF',
  503: 'DATABASE_AWAY',
};
/** Words of which programs know what they mean (spec/runner-contract.md). */
const BY_WORDS: readonly ErrorName[] = ['WRONG_CREDENTIALS', 'TOKEN_EXPIRED', 'TOKEN_MISSING'];

/** What a client is told of whatever a low-rate controller threw; of a mistake of ours nothing but the request id. */
export function toldError(error: unknown): LowRateError {
  if (error instanceof Refused) return told(error.error, error.options);
  if (error instanceof IdentityFault) return ofIdentity(error);
  if (error instanceof GatewayError) {
    const { error: name, status, cause, retryAfterSeconds } = error;
    const said = told(name, { cause, ...(retryAfterSeconds !== null && { retryAfterSeconds }) });
    return status === null ? said : { ...said, status, code: status };
  }
  if (error instanceof HttpException) {
    const name = BY_STATUS[error.getStatus()];
    if (name !== undefined) return told(name, { message: error.message });
  }
  return told('INTERNAL', { cause: error });
}

function ofIdentity(fault: IdentityFault): LowRateError {
  const { status, message, retryAfterSeconds, member } = fault;
  const retry = retryAfterSeconds === null ? {} : { retryAfterSeconds };
  const known = status === 401 ? BY_WORDS.find((name) => ERRORS[name].message === message) : undefined;
  if (status === 401) return told(known ?? 'TOKEN_INVALID', { cause: fault });
  const payload = member === null ? null : { faults: [{ pointer: `/${member.name}`, message: member.problem }] };
  return told(OF_IDENTITY[status], { message, cause: fault, payload, ...retry });
}

function told(name: ErrorName, options: RefusedOptions): LowRateError {
  const { code, status, message } = ERRORS[name];
  const headers = [...(options.headers ?? []), ...challenge(name, status)];
  if (options.retryAfterSeconds !== undefined) headers.push('Retry-After', String(options.retryAfterSeconds));
  const { payload = null, cause = null } = options;
  return { name, code, status, message: options.message ?? message, headers, payload, cause };
}

/** RFC 6750, section 3. */
function challenge(name: ErrorName, status: number): readonly string[] {
  if (status !== 401 || name === 'WRONG_CREDENTIALS') return [];
  if (name === 'TOKEN_MISSING') return ['WWW-Authenticate', 'Bearer'];
  const why = name === 'TOKEN_EXPIRED' ? ', error_description="expired token"' : '';
  return ['WWW-Authenticate', `Bearer error="invalid_token"${why}`];
}
