/** HTTP status of a runner's error code (spec/runner-contract.md, "Errors"). */
const STATUS_OF_CODE: ReadonlyMap<number, number> = new Map([
  // Identity runner: missing, expired, invalid token
  ...entries([10123, 10124, 10125], 401),
  // Sagas: timed out, no active saga for the path, open state, payload against the schema, roles missing
  ...entries([1], 504),
  ...entries([3], 404),
  ...entries([11], 503),
  ...entries([13], 400),
  ...entries([14], 403),
  // Bad input at the runner
  ...entries([10006, 10008, 10009, 10011, 10024, 12001, 12002, 13004], 400),
  // Records: missing, there already, stale or jumping writes, locked
  ...entries([10028, 11005], 404),
  ...entries([11006], 409),
  ...entries([11001, 11002, 11003, 11004], 409),
  ...entries([11016], 423),
  // The gateway's own codes, where a runner is a gateway itself
  ...entries([17001, 17003, 17010], 500),
  ...entries([17002, 17005, 17008], 404),
  ...entries([17004, 17007, 17009], 400),
  ...entries([17006], 501),
  ...entries([17011], 502),
]);

function entries(codes: readonly number[], status: number): [number, number][] {
  return codes.map((code) => [code, status]);
}

/** `http` is the event's own wish (error.http, errorHttp or httpStatus) and wins where it is an error status. */
export function statusOfRunnerError(code: number, http: number | null): number {
  if (http !== null && isErrorStatus(http)) return http;
  const known = STATUS_OF_CODE.get(code);
  if (known !== undefined) return known;
  return isErrorStatus(code) ? code : 500;
}

function isErrorStatus(value: number): boolean {
  return Number.isInteger(value) && value >= 400 && value <= 599;
}
