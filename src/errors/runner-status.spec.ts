import { describe, expect, it } from '@jest/globals';
import { statusOfRunnerError } from './runner-status.js';

/** spec/runner-contract.md, "Errors", row by row. */
const ROWS: readonly (readonly [string, readonly number[], number])[] = [
  ['configuration, or a service or token that cannot be initialized', [17001, 17003], 500],
  ['no configuration for that id', [17002], 404],
  ['refresh level, kind of component or command that is unknown', [17004, 17007], 400],
  ['Kafka service or file system not found', [17005, 17008], 404],
  ['feature not enabled', [17006], 501],
  ['invalid file path', [17009], 400],
  ['failed file operation', [17010], 500],
  ["a runner's answer that cannot be parsed", [17011], 502],
  ['missing, expired or invalid token', [10123, 10124, 10125], 401],
  ['saga timed out', [1], 504],
  ['no active saga for the path', [3], 404],
  ['open state', [11], 503],
  ['payload that does not match the schema', [13], 400],
  ['roles missing', [14], 403],
  ['bad input at the runner', [10006, 10008, 10009, 10011, 10024, 12001, 12002, 13004], 400],
  ['missing record', [10028, 11005], 404],
  ['record that exists already', [11006], 409],
  ['stale or jump write', [11001, 11002, 11003, 11004], 409],
  ['lock', [11016], 423],
  ["a runner's code between 400 and 599", [400, 401, 403, 404, 405, 406, 409, 412, 418, 429, 500, 503, 599], 0],
  ['any other error', [0, 2, 4, 12, 15, 200, 302, 399, 600, 9999, 17000, 17012, 99_999, -1, -404], 500],
];

describe("the status of a runner's error", () => {
  for (const [what, codes, status] of ROWS)
    it.each(codes)(`is, for ${what}, ${status === 0 ? 'the same' : status}: code %s`, (code) => {
      expect(statusOfRunnerError(code, null)).toBe(status === 0 ? code : status);
    });
});

describe('the status that an error wishes', () => {
  it.each([400, 409, 503, 599])('wins: %s', (http) => {
    expect([statusOfRunnerError(11005, http), statusOfRunnerError(404, http)]).toEqual([http, http]);
  });
  it.each([0, 200, 302, 399, 600, -400, 404.5, NaN])('does not count where it is no error: %s', (http) => {
    expect(statusOfRunnerError(11005, http)).toBe(404);
  });
});
