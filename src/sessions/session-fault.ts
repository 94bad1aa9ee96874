/** Codes of the runner contract (spec/runner-contract.md, "Errors"). */
export const NO_SUCH_ACTION = 3;
export const MISSING_PARAMETER = 10009;
export const BAD_INPUT = 10011;
export const NO_SESSION = 11005;
export const WRONG_METHOD = 405;
export const UNAVAILABLE = 503;

/** What the caller of the session runner may know of a call that failed. */
export class SessionFault extends Error {
  override readonly name = 'SessionFault';

  constructor(
    readonly code: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
