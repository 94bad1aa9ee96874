import type { ErrorName } from '../errors/error-table.js';
import { ERRORS } from '../errors/error-table.js';

export interface RefusedOptions {
  /** Says more than the table's message. */
  readonly message?: string;
  /** Further headers of the answer, as a flat list. */
  readonly headers?: readonly string[];
  /** What stands in error.payload. */
  readonly payload?: unknown;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** A low-rate request that may not go on. Thrown: whoever is asked once a minute needs no cheaper way. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly error: ErrorName,
    readonly options: RefusedOptions = {},
  ) {
    super(options.message ?? ERRORS[error].message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}
