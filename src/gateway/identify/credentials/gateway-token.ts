import type { IncomingHttpHeaders } from 'node:http';
import { authCookies } from './auth-cookies.js';
import { authorizationOf, isBearerForm, isBearerToken } from './authorization.js';
import { MAX_VALUE_LENGTH, type CredentialPlace, type Parameter } from './credential.js';
import type { CredentialNames } from './credential-names.js';
import { headerValue } from './header-value.js';
import { jsonParameters } from './json-parameters.js';
import { afterScheme, hasScheme } from './letter-case.js';

/** The gateway token of a request, or the API key that came instead. */
export type GatewayCredential =
  | { readonly kind: 'none' | 'malformed' }
  | { readonly kind: 'token' | 'apiKey'; readonly value: string; readonly from: CredentialPlace };

const NONE: GatewayCredential = Object.freeze({ kind: 'none' });
const MALFORMED: GatewayCredential = Object.freeze({ kind: 'malformed' });

/**
 * Finds the token of a call in its head: header, Authorization, cookie, in this order; in each place the token before the API key.
 * The places after the one that has it are not read. Basic, and schemes that are not ours, are no token. Of the form `[parameter]
 * value` only the token's and the API key's names count. A token in the body of a full call: gatewayTokenInBody.
 */
export function gatewayTokenOf(headers: IncomingHttpHeaders, names: CredentialNames): GatewayCredential {
  return (
    inHeaders(headers, names.tokenHeaders, 'token') ??
    inHeaders(headers, names.apiKeyHeaders, 'apiKey') ??
    inAuthorization(headerValue(headers, 'authorization'), names) ??
    inCookies(headerValue(headers, 'cookie'), names) ??
    NONE
  );
}

/** The same of `auth` in the body of a full call; asked where the head has none. @param auth JSON text */
export function gatewayTokenInBody(auth: string, names: CredentialNames): GatewayCredential {
  const parameters = jsonParameters(auth, 'loose');
  if (parameters === null) return auth.trim() === 'null' ? NONE : MALFORMED;
  return among(parameters, names, 'body') ?? NONE;
}

function inHeaders(
  headers: IncomingHttpHeaders,
  places: readonly string[],
  kind: 'token' | 'apiKey',
): GatewayCredential | null {
  for (const place of places) {
    const value = headerValue(headers, place);
    if (value !== '') return credential(kind, value, 'header');
  }
  return null;
}

function inAuthorization(value: string, names: CredentialNames): GatewayCredential | null {
  if (value === '') return null;
  if (hasScheme(value, 'bearer')) {
    const token = afterScheme(value, 'bearer');
    if (!isBearerForm(token)) return isBearerToken(token) ? credential('token', token, 'authorization') : MALFORMED;
  }
  const { tokenName, counting } = names;
  const parameters = authorizationOf(value, { tokenName, counting, takesBasic: false });
  return parameters === 'malformed' ? MALFORMED : among(parameters, names, 'authorization');
}

function inCookies(header: string, names: CredentialNames): GatewayCredential | null {
  return header === '' ? null : among(authCookies(header), names, 'cookie');
}

function among(
  parameters: readonly Parameter[],
  names: CredentialNames,
  from: CredentialPlace,
): GatewayCredential | null {
  const token = valueOf(parameters, names.tokenName);
  if (token !== null) return credential('token', token, from);
  const apiKey = names.apiKeyName === null ? null : valueOf(parameters, names.apiKeyName);
  return apiKey === null ? null : credential('apiKey', apiKey, from);
}

function valueOf(parameters: readonly Parameter[], wanted: string): string | null {
  for (const [name, value] of parameters) if (name === wanted && value !== '') return value;
  return null;
}

function credential(kind: 'token' | 'apiKey', value: string, from: CredentialPlace): GatewayCredential {
  return value.length > MAX_VALUE_LENGTH ? MALFORMED : { kind, value, from };
}
