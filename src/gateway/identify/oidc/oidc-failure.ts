import { AuthorizationResponseError, OperationProcessingError, ResponseBodyError } from 'oauth4webapi';
import { GatewayError } from '../../../errors/gateway.error.js';
import { IssuerAway } from '../issuers/issuer.js';
import type { ProviderOutcome } from '../provider/provider-client.js';
import { serverFailure, statusFailure } from '../provider/server-failure.js';
import { withoutSecrets } from '../provider/without-secrets.js';

/** Codes of RFC 6749, 5.2 that are about the client that asks, not about whom it asks for. */
const ABOUT_CLIENT: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client']);
const BAD_CREDENTIALS: ReadonlySet<string> = new Set(['invalid_grant', 'invalid_token', 'access_denied']);
const CODE = /^[\w.-]{1,64}$/;
const LONGEST_MESSAGE = 500;

export interface FailedCall {
  /** Credentials that went out: no message repeats them. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Whether the client was authenticated by credentials that came with the request. */
  readonly isClientsOwn: boolean;
}

/** What an error of the messages comes to (spec/identity.md, "Provider"; spec/runner-contract.md). Never throws. */
export function failedOutcome(error: unknown, call: FailedCall): ProviderOutcome {
  if (error instanceof ResponseBodyError) return bodyOutcome(error, call);
  const response = error instanceof OperationProcessingError ? error.cause : null;
  if (response instanceof Response && response.status >= 300) return statusOutcome(response.status);
  if (error instanceof OperationProcessingError)
    return failed(new GatewayError('ANSWER_UNREADABLE', { cause: `the server's answer does not fit: ${error.code}` }));
  if (error instanceof IssuerAway) return failed(awayFailure(error));
  return failed(serverFailure(error));
}

/** What a status alone says. */
export function statusOutcome(status: number): ProviderOutcome {
  return status === 401 || status === 403 ? refusedOutcome(status, null) : failed(statusFailure(status));
}

export function refusedOutcome(code: number, message: string | null): ProviderOutcome {
  return { kind: 'refused', code, message };
}

export function failed(error: GatewayError): ProviderOutcome {
  return { kind: 'failed', error };
}

/** The code that a browser may be sent back with; null: it is no refusal of the provider's. */
export function refusalCode(error: unknown): string | null {
  if (!(error instanceof AuthorizationResponseError)) return null;
  return CODE.test(error.error) ? error.error : 'access_denied';
}

/** The document of an issuer that was never read: 502, 503 or 504, as its cause says. */
function awayFailure(error: IssuerAway): GatewayError {
  if (error.cause instanceof GatewayError) return serverFailure(error.cause);
  const { message, retryAfterSeconds } = error;
  return new GatewayError('BACKEND_UNAVAILABLE', { cause: `the issuer ${message}`, retryAfterSeconds });
}

function bodyOutcome(error: ResponseBodyError, { secrets, isClientsOwn }: FailedCall): ProviderOutcome {
  const { status } = error;
  const code = CODE.test(error.error) ? error.error : 'an error';
  if (status >= 500) return failed(statusFailure(status));
  if (ABOUT_CLIENT.has(code) && !isClientsOwn)
    return failed(
      new GatewayError('BACKEND_FAILED', {
        cause: `the server refuses this gateway's own client (${code}): check clientId, clientSecret and its grants`,
      }),
    );
  const isRefusal = BAD_CREDENTIALS.has(code) || ABOUT_CLIENT.has(code) || status === 401 || status === 403;
  if (!isRefusal)
    return failed(new GatewayError('BACKEND_FAILED', { cause: `the server answered ${status} with ${code}` }));
  const said = error.error_description === undefined ? code : `${code}: ${error.error_description}`;
  return refusedOutcome(status, withoutSecrets(said, secrets).slice(0, LONGEST_MESSAGE));
}
