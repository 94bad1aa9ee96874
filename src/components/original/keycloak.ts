import { readKeycloak } from '../../tokens/keycloak-config.js';
import { isMembers, type Members } from '../check/members.js';
import { holds, isSame, put, type Reader, type Reading } from './reading.js';

/** Fields of Keycloak that may stand flat on a token. */
export const KEYCLOAK_NAMES = [
  ...['config', 'authServerUrl', 'realm', 'resource', 'idToken', 'roles'],
  ...['credential', 'credentials', 'credential.secret', 'credentials.secret'],
];

const OURS: Readonly<Record<string, string>> = {
  config: 'issuer, clientId, clientSecret',
  authServerUrl: 'issuer',
  realm: 'issuer',
  resource: 'clientId',
  idToken: 'scopes',
};
const KEYCLOAK_CLASS = /(?:^|\.)keycloak\w*$/i;

/** A provider whose Keycloak fields become those of `type: oidc`, once its other names are read. */
export function readProviderOf(readNames: Reader): Reader {
  return function readProvider(value, reading) {
    const provider = readNames(value, reading);
    return isMembers(provider) ? inOurForm(provider, reading) : provider;
  };
}

function inOurForm(provider: Members, reading: Reading): Members {
  const keycloak = readKeycloak(provider);
  if (keycloak === null) return provider;
  const { fields, read, leftOut, problem, twice } = keycloak;
  if (problem !== null) {
    reading.fault(
      null,
      `The configuration of Keycloak cannot be read: ${problem}. Write type: oidc, issuer and clientId.`,
    );
    return provider;
  }
  for (const name of read) reading.foreign.add(`${name.replace(/\..*/s, '.*')} → ${OURS[name] ?? 'clientSecret'}`);
  for (const name of twice)
    reading.warning(null, `${name} of config differs from what stands beside it, and is left out.`);
  if (leftOut.length > 0) {
    const more = leftOut.length > 5 ? `, and ${leftOut.length - 5} more` : '';
    reading.warning(null, `Keycloak's ${leftOut.slice(0, 5).join(', ')}${more} have no effect here.`);
  }
  const after: Members = {};
  for (const name of Object.keys(provider)) if (!read.includes(name)) put(after, name, provider[name]);
  if (typeof after['type'] === 'string' && KEYCLOAK_CLASS.test(after['type'])) delete after['type'];
  for (const [name, theirs] of Object.entries({ type: 'oidc', ...fields })) addField(after, name, theirs, reading);
  return after;
}

function addField(after: Members, name: string, theirs: unknown, reading: Reading): void {
  if (name === 'scopes' || !holds(after, name)) after[name] = theirs;
  else if (!isSame(after[name], theirs)) {
    reading.warning(name, 'Keycloak’s fields say something else: they are left out. Keep one of them.');
  }
}
