import { ERRORS, type ErrorName } from '../../errors/error-table.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { Exchange } from '../exchange.js';
import type { Answer } from '../stage.js';

/** How one try of a call ended, as breakers and retries see it. */
export interface CallOutcome {
  /** The HTTP status that it comes to. */
  readonly status: number;
  /** The wire code that it comes to; null for an answer that is no error. */
  readonly code: number | null;
  /** An event's error, whatever its status. */
  readonly isEventError: boolean;
  /** Nothing of the call has reached the backend. */
  readonly isUnsent: boolean;
  /** What the gateway held back itself, what its client broke off, or a body of the client's that did not come: no word about the backend. */
  readonly isOurs: boolean;
  /** What came of it. */
  readonly result: Answer | GatewayError;
}

/** No connection of ours was free, or there is no instance to ask. */
const HELD_BACK: ReadonlySet<ErrorName> = new Set(['SYSTEM_BUSY', 'NO_INSTANCE']);
/** A body streams while the backend is called: that it does not come is the client's doing. */
const OF_CLIENT: ReadonlySet<ErrorName> = new Set(['BODY_BROKEN_OFF', 'BODY_TOO_LARGE', 'REQUEST_TOO_SLOW']);
const UNSENT: ReadonlySet<ErrorName> = new Set([
  'BACKEND_UNREACHABLE',
  'SYSTEM_BUSY',
  'NO_INSTANCE',
  'CLIENT_TOKEN_FAILED',
]);

export function answerOutcome(answer: Answer, exchange: Exchange): CallOutcome {
  const { status, code } = answer;
  const isEventError = exchange.error === 'RUNNER_ERROR';
  return { status, code, isEventError, isUnsent: false, isOurs: false, result: answer };
}

export function faultOutcome(fault: unknown, exchange: Exchange): CallOutcome {
  const error = fault instanceof GatewayError ? fault : new GatewayError('INTERNAL', { cause: fault });
  const entry = ERRORS[error.error];
  return {
    status: error.status ?? entry.status,
    code: error.status ?? entry.code,
    isEventError: false,
    isUnsent: error.isUnsent || UNSENT.has(error.error),
    isOurs: exchange.cancelled || HELD_BACK.has(error.error) || OF_CLIENT.has(error.error),
    result: error,
  };
}

/** What the texts of a filter are looked for in: the error's body, or the message of what failed. */
export function outcomeText({ result }: CallOutcome): string {
  if (result instanceof GatewayError)
    return result.cause instanceof Error ? `${result.message}: ${result.cause.message}` : result.message;
  return typeof result.body === 'string' ? result.body : '';
}

/** Wire code of an answer that cannot be read. */
const UNREADABLE = 17011;

/** Whether the backend failed (spec/resilience.md, "Circuit breaker"): a 4xx is the client's doing. */
export function isFailure({ status, code }: Pick<CallOutcome, 'status' | 'code'>): boolean {
  return status >= 500 || code === UNREADABLE;
}
