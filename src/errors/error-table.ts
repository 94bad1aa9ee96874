/** One way in which a request can end badly: the wire code, the HTTP status, and words that anyone may read. */
export interface ErrorEntry {
  readonly code: number;
  readonly status: number;
  readonly message: string;
}

/**
 * Our name → what the client gets (spec/runner-contract.md, "Errors"). Several names share a code: clients see the code,
 * logs and metrics the name. docs/errors.md lists them for users, and a test holds the two together.
 */
export const ERRORS = {
  // What the wire may not carry (edge)
  HOST_INVALID: { code: 400, status: 400, message: 'the Host header is missing, repeated or malformed' },
  TARGET_INVALID: { code: 400, status: 400, message: 'the request target is malformed' },
  TARGET_HOST_MISMATCH: {
    code: 400,
    status: 400,
    message: 'the host of the request target differs from the Host header',
  },
  VERSION_INVALID: { code: 400, status: 400, message: 'this HTTP version is not spoken here: use HTTP/1.1' },
  FRAMING_INVALID: { code: 400, status: 400, message: 'Transfer-Encoding or Content-Length is malformed' },
  REQUEST_UNREADABLE: { code: 400, status: 400, message: 'the request is not well-formed HTTP' },
  PATH_INVALID: {
    code: 400,
    status: 400,
    message:
      'the path holds a bad escape, a dot segment, or a character that is not allowed (%2F, %5C, \\, ;, %3B, controls)',
  },
  TARGET_TOO_LONG: { code: 414, status: 414, message: 'the request target is too long' },
  HEADERS_TOO_LARGE: { code: 431, status: 431, message: 'the header section is too large' },
  REQUEST_TOO_SLOW: { code: 408, status: 408, message: 'the request did not arrive in time' },
  METHOD_NOT_ALLOWED: { code: 405, status: 405, message: 'this method is not allowed here' },
  CORS_REFUSED: { code: 403, status: 403, message: 'this origin, method or header is not allowed here (CORS)' },

  // Bodies
  BODY_NOT_JSON: { code: 400, status: 400, message: 'the body is not valid JSON' },
  BODY_TOO_DEEP: { code: 400, status: 400, message: 'the body is nested too deeply: at most 256 levels' },
  BODY_NOT_OBJECT: { code: 400, status: 400, message: 'a full call needs an object {origin, auth, payload}' },
  BODY_NOT_BASE64: { code: 400, status: 400, message: 'the data of this call is not base64' },
  BODY_BROKEN_OFF: { code: 400, status: 400, message: 'the body ended before it was complete' },
  BODY_TOO_LARGE: { code: 413, status: 413, message: 'the body is too large' },
  BODY_TYPE_UNSUPPORTED: { code: 415, status: 415, message: 'the body must be JSON (Content-Type: application/json)' },

  // Resolve
  NOT_FOUND: { code: 404, status: 404, message: 'there is nothing at this path' },
  NOT_LOADED: { code: 503, status: 503, message: 'the gateway has no configuration yet' },
  CHANNEL_UNKNOWN: { code: 17002, status: 404, message: 'no such channel' },
  SYSTEM_UNKNOWN: { code: 17002, status: 404, message: 'the system of this channel is unknown or inactive' },
  CHANNEL_BROKEN: { code: 17001, status: 500, message: 'the configuration of this channel could not be loaded' },
  TOKEN_RECORD_MISSING: { code: 17003, status: 500, message: 'a token of this channel could not be initialized' },
  SERVICE_MISSING: { code: 17003, status: 500, message: 'a service of this channel could not be initialized' },
  BRANCH_REFUSED: { code: 403, status: 403, message: 'branches other than main are not allowed' },
  BRANCH_INVALID: { code: 400, status: 400, message: 'the name of the branch is malformed' },
  FORMAT_UNSUPPORTED: { code: 406, status: 406, message: 'this format is not available' },

  // Authorize
  PATH_DISABLED: { code: 403, status: 403, message: 'path is disabled' },
  VERIFYING_UNAVAILABLE: {
    code: 503,
    status: 503,
    message: 'the token cannot be verified at the authentication server',
  },
  ISSUER_UNAVAILABLE: {
    code: 503,
    status: 503,
    message: 'the token cannot be checked now: the keys of its issuer cannot be had',
  },
  TOKEN_EXPIRED: { code: 401, status: 401, message: 'expired token' },
  TOKEN_INVALID: { code: 401, status: 401, message: 'invalid token' },
  ROLE_MISSING: { code: 403, status: 403, message: 'no role for this path' },
  CSRF_INVALID: {
    code: 403,
    status: 403,
    message: 'missing or wrong CSRF token: send the value of the answer header X-CSRF-TOKEN back as X-XSRF-TOKEN',
  },
  TOKEN_MISSING: { code: 401, status: 401, message: 'missing token' },

  // Flows
  WRONG_CREDENTIALS: { code: 401, status: 401, message: 'wrong credentials' },
  FEATURE_OFF: { code: 17006, status: 501, message: 'this feature is not enabled here' },
  PROVIDER_REFUSED: { code: 400, status: 400, message: 'the authentication server refuses this' },
  TOKENS_UNAVAILABLE: { code: 503, status: 503, message: 'the store of logins cannot be had now: try again' },
  LOGINS_LIMITED: { code: 429, status: 429, message: 'too many failed logins of this address: try again later' },
  TOO_MANY_CALLS: { code: 429, status: 429, message: 'too many calls of this address: try again later' },

  // Limit
  RATE_LIMITED: { code: 503, status: 503, message: 'the rate limit of this channel is reached' },
  BULKHEAD_FULL: { code: 503, status: 503, message: 'too many calls of this channel are under way' },
  BREAKER_OPEN: { code: 503, status: 503, message: 'the circuit breaker of this path is open: its backend fails' },
  USER_RATE_LIMITED: { code: 429, status: 429, message: 'your rate limit is reached' },

  // Execute
  SYSTEM_BUSY: { code: 503, status: 503, message: 'too many calls wait for a connection to the backend' },
  NO_INSTANCE: { code: 503, status: 503, message: 'no instance of the backend is in service' },
  CLIENT_TOKEN_FAILED: { code: 502, status: 502, message: 'the backend gave the gateway no token' },
  BACKEND_UNREACHABLE: { code: 502, status: 502, message: 'the backend cannot be reached' },
  BACKEND_BROKE_OFF: { code: 502, status: 502, message: 'the backend broke off its answer' },
  BACKEND_TIMEOUT: { code: 504, status: 504, message: 'the backend did not answer in time' },
  ANSWER_UNREADABLE: { code: 17011, status: 502, message: 'the answer of the backend cannot be read' },
  ANSWER_TOO_LARGE: { code: 17011, status: 502, message: 'the answer of the backend is too large' },
  BACKEND_FAILED: { code: 502, status: 502, message: 'the backend answered with an error' },
  BACKEND_UNAVAILABLE: { code: 503, status: 503, message: 'the backend is not available' },
  EXECUTOR_FAILED: { code: 500, status: 500, message: 'the call failed inside the gateway' },

  // Control API and admin API
  COMPONENT_UNKNOWN: { code: 17002, status: 404, message: 'there is no such component' },
  KIND_UNKNOWN: { code: 17004, status: 400, message: 'there is no such kind of component' },
  COMMAND_UNKNOWN: { code: 17007, status: 400, message: 'there is no such command: SHOW or REFRESH' },
  REFRESH_FAILED: { code: 17001, status: 500, message: 'the configuration could not be loaded anew' },
  INPUT_INVALID: { code: 400, status: 400, message: 'what was sent does not fit' },
  RECORD_UNKNOWN: { code: 404, status: 404, message: 'there is no such record' },
  RECORD_TAKEN: { code: 409, status: 409, message: 'there is one of that name already' },
  LAST_ADMINISTRATOR: { code: 409, status: 409, message: 'the last administrator of all gateways stays' },
  RECORD_CHANGED: { code: 412, status: 412, message: 'it has changed meanwhile: read it again' },
  DATABASE_AWAY: { code: 503, status: 503, message: 'the database cannot be had now: try again' },

  // Operation
  NOT_ALLOWED_ADDRESS: { code: 403, status: 403, message: 'this address may not read details and metrics' },
  INTERNAL: { code: 500, status: 500, message: 'the gateway failed to handle this request' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorName = keyof typeof ERRORS;
