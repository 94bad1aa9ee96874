import { ERRORS, type ErrorName } from './error-table.js';

export interface GatewayErrorOptions {
  readonly cause?: unknown;
  /** Whole seconds for Retry-After. */
  readonly retryAfterSeconds?: number;
  /** Stands for the table's status and code, where a backend's own status passes (4xx, 503, 504). */
  readonly status?: number;
  /** Nothing of the call has reached the backend. */
  readonly isUnsent?: boolean;
}

/** Something failed on the way. Clients see the table's entry; logs also see `cause`. */
export class GatewayError extends Error {
  readonly retryAfterSeconds: number | null;
  readonly status: number | null;
  readonly isUnsent: boolean;

  constructor(
    readonly error: ErrorName,
    options: GatewayErrorOptions = {},
  ) {
    super(ERRORS[error].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.status = options.status ?? null;
    this.isUnsent = options.isUnsent === true;
  }
}
