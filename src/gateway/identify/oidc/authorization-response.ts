import { OperationProcessingError, validateAuthResponse, type AuthorizationServer } from 'oauth4webapi';
import type { OidcRules } from './oidc-rules.js';

/** What came back is no answer to the login that was begun: of another issuer (RFC 9207), without a code, with two. */
export class UnfitReturn extends Error {}

/**
 * The parameters that a browser brings from the provider, checked.
 * @throws UnfitReturn; AuthorizationResponseError where the provider refuses
 */
export function authorizationResponse(
  server: AuthorizationServer,
  { client }: OidcRules,
  { query, state }: { readonly query: URLSearchParams; readonly state: string },
): URLSearchParams {
  const parameters = validated(() => validateAuthResponse(server, client, query, state));
  if (query.getAll('code').length !== 1) throw new UnfitReturn();
  return parameters;
}

function validated(check: () => URLSearchParams): URLSearchParams {
  try {
    return check();
  } catch (error) {
    throw error instanceof OperationProcessingError ? new UnfitReturn() : error;
  }
}
