import type { IncomingHttpHeaders } from 'node:http';
import { authCookies } from './auth-cookies.js';
import { authorizationOf } from './authorization.js';
import {
  MAX_PARAMETERS,
  MAX_VALUE_LENGTH,
  type Credential,
  type CredentialPlace,
  type Credentials,
  type Parameter,
} from './credential.js';
import { FAMILIES, STANDARD_NAMES } from './credential-names.js';
import { headerValue } from './header-value.js';
import { jsonParameters, parameterName } from './json-parameters.js';

/**
 * Collects all that a request carries, for the auth flows: headers `Rierino-Auth.[parameter]`, Authorization, cookies, the body; of
 * each name the first place wins, and in one place the first value. Empty values are none. In Authorization any single name with one
 * value counts as a parameter, but for the known schemes of others (authorization.ts).
 * @param body JSON text of the members that count (the body's `auth` on full calls, the body of a login), null without one; what is
 * no object makes the whole malformed, members that are no texts, numbers or booleans are left out
 */
export function collectCredentials(
  headers: IncomingHttpHeaders,
  body: string | null,
  { tokenName }: { readonly tokenName: string },
): Credentials {
  const found = new Collected();
  for (const family of FAMILIES) found.addAll(headersOf(headers, family), 'header');
  const reading = { tokenName: tokenName.toLowerCase(), counting: countingWith(tokenName), takesBasic: true };
  found.addAll(authorizationOf(headerValue(headers, 'authorization'), reading), 'authorization');
  found.addAll(authCookies(headerValue(headers, 'cookie')), 'cookie');
  if (body !== null && body.trim() !== 'null') found.addAll(jsonParameters(body, 'loose') ?? 'malformed', 'body');
  return found;
}

const STANDARD: ReadonlySet<string> = new Set(STANDARD_NAMES);

function countingWith(tokenName: string): ReadonlySet<string> {
  const name = tokenName.toLowerCase();
  return STANDARD.has(name) ? STANDARD : new Set([name, ...STANDARD_NAMES]);
}

function headersOf(headers: IncomingHttpHeaders, family: string): Parameter[] {
  const found: Parameter[] = [];
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(family)) continue;
    const name = parameterName(header.slice(family.length));
    if (name !== null) found.push([name, headerValue(headers, header)]);
  }
  return found;
}

class Collected implements Credentials {
  readonly values = new Map<string, Credential>();
  malformed = false;

  addAll(parameters: readonly Parameter[] | 'malformed', from: CredentialPlace): void {
    if (parameters === 'malformed') this.malformed = true;
    else for (const [name, value] of parameters) this.add(name, value, from);
  }

  private add(name: string, value: string, from: CredentialPlace): void {
    if (value === '' || this.values.has(name)) return;
    const fits = value.length <= MAX_VALUE_LENGTH && this.values.size < MAX_PARAMETERS;
    if (fits) this.values.set(name, { value, from });
    // A body has members that are no credentials, so one too many is no sign of a broken client.
    else if (from !== 'body') this.malformed = true;
  }
}
