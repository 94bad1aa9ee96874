import type { Json } from './json.js';

/** Codes of the runner contract that the kit itself answers with. */
export const NO_ACTIVE_SAGA = 3;
export const MISSING_INPUT = 10008;
export const MISSING_PARAMETER = 10009;
export const BAD_INPUT = 10011;
export const BAD_FILTER = 10024;
export const MISSING_RECORD = 11005;
export const RECORD_EXISTS = 11006;
export const INTERNAL = 500;

export interface RunnerErrorDetails {
  /** HTTP status for the client, 400 to 599. Without it the gateway derives one from the code. */
  readonly http?: number;
  /** Shown to clients only where the path's rule says `returnErrorPayload`. */
  readonly payload?: Json;
  /** Shown to clients always. */
  readonly safePayload?: Json;
  /** What led to it: for the log, never for the client. */
  readonly cause?: unknown;
}

/** A failure that the caller may know of. Code and message reach the client; anything else that is thrown does not. */
export class RunnerError extends Error {
  readonly http: number | undefined;
  readonly payload: Json | undefined;
  readonly safePayload: Json | undefined;

  constructor(
    readonly code: number,
    message: string,
    details: RunnerErrorDetails = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.name = 'RunnerError';
    this.http = details.http;
    this.payload = details.payload;
    this.safePayload = details.safePayload;
  }
}

const STATUS_OF_CODE: ReadonlyMap<number, number> = new Map([
  [1, 504],
  [NO_ACTIVE_SAGA, 404],
  [11, 503],
  [13, 400],
  [14, 403],
  ...[10123, 10124, 10125].map((code) => [code, 401] as const),
  ...[10006, MISSING_INPUT, MISSING_PARAMETER, BAD_INPUT, BAD_FILTER, 12001, 12002, 13004].map(
    (code) => [code, 400] as const,
  ),
  [10028, 404],
  [MISSING_RECORD, 404],
  [RECORD_EXISTS, 409],
  ...[11001, 11002, 11003, 11004].map((code) => [code, 409] as const),
  [11016, 423],
]);

/** The HTTP status of an error by the contract's table: for plain answers (crud); events carry the code instead. */
export function statusOf(error: RunnerError): number {
  if (isErrorStatus(error.http)) return error.http;
  return STATUS_OF_CODE.get(error.code) ?? (isErrorStatus(error.code) ? error.code : INTERNAL);
}

function isErrorStatus(status: number | undefined): status is number {
  return status !== undefined && Number.isInteger(status) && status >= 400 && status <= 599;
}
