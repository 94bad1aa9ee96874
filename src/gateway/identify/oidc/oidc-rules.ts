import { clockTolerance, type Client } from 'oauth4webapi';
import type { ProviderRecord } from '../../../contracts/records.js';
import { sourcePath, type Step } from '../claims/claim-path.js';
import { roleNames } from '../claims/role-names.js';
import { issuerPlace, type IssuerPlace } from '../issuers/issuer.js';
import type { UrlFinding, UrlFindings } from '../provider/url-templates.js';
import { CLOCK_LEEWAY_MS } from '../tokens/claim-rules.js';
import { keycloakAdminUrl } from './keycloak-url.js';

/** An OpenID Connect provider in force (spec/identity.md, "External identity providers"). Frozen; another record makes another. */
export interface OidcRules {
  readonly place: IssuerPlace;
  readonly clientId: string;
  /** Secret; null: a public client, which can neither introspect nor administrate. */
  readonly clientSecret: string | null;
  /** The client as oauth4webapi takes it. */
  readonly client: Client;
  /** Of users, with `openid`. */
  readonly scope: string;
  /** Of client credentials: those of OpenID Connect mean nothing there. Null: none is asked for. */
  readonly clientScope: string | null;
  readonly rolesPath: readonly Step[];
  /** Where a browser may be sent back to, to the letter. */
  readonly redirectUris: readonly string[];
  /** Base of the realm's admin REST API; null: it is no Keycloak, or the client has no secret. */
  readonly adminUrl: string | null;
  readonly newUserRoles: readonly string[];
  /** The issuer itself is reached without TLS, so its endpoints may be. */
  readonly isPlainHttp: boolean;
}

/** Scopes of OpenID Connect Core 1.0, 5.4 and 11. */
const USER_SCOPES: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);
/** RFC 6749, 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const MOST_REDIRECTS = 100;
const KEYCLOAK_ROLES = 'realm_access.roles';
const OTHER_ROLES = 'roles';

/** Reads what a record of type oidc says. What is wrong goes into the findings; null then. */
export function oidcRulesOf(record: ProviderRecord, pointer: string, findings: UrlFindings): OidcRules | null {
  const before = findings.faults.length;
  const { clientId = '', rolesPath = '' } = record;
  const clientSecret = record.clientSecret === undefined || record.clientSecret === '' ? null : record.clientSecret;
  const issuer = issuerOf(record.issuer ?? '', `${pointer}/issuer`, findings);
  if (clientId === '') fault(findings, `${pointer}/clientId`, 'the id of this gateway at the issuer is missing');
  const scopes = scopesOf(record.scopes, `${pointer}/scopes`, findings);
  const redirectUris = redirectUrisOf(record.redirectUris ?? [], `${pointer}/redirectUris`, findings);
  const adminUrl = issuer === null ? null : keycloakAdminUrl(issuer);
  const path = sourcePath(rolesPath === '' ? (adminUrl === null ? OTHER_ROLES : KEYCLOAK_ROLES) : rolesPath);
  if (path.steps === null) fault(findings, `${pointer}/rolesPath`, `"${rolesPath}" ${path.fault}`);
  const newUserRoles = roleNames(record.roles);
  if (newUserRoles.length > 0 && adminUrl === null)
    warn(
      findings,
      `${pointer}/roles`,
      'new users are made at a Keycloak alone: the issuer ends in /realms/{name} there',
    );
  if (clientSecret === null) warn(findings, `${pointer}/clientSecret`, NO_SECRET);
  if (issuer === null || path.steps === null || findings.faults.length > before) return null;
  const clientScopes = scopes.filter((scope) => !USER_SCOPES.has(scope));
  return Object.freeze({
    place: issuerPlace(issuer, null),
    clientId,
    clientSecret,
    client: Object.freeze({ client_id: clientId, [clockTolerance]: CLOCK_LEEWAY_MS / 1000 }),
    scope: [...new Set(['openid', ...scopes])].join(' '),
    clientScope: clientScopes.length === 0 ? null : clientScopes.join(' '),
    rolesPath: path.steps,
    redirectUris,
    adminUrl: clientSecret === null ? null : adminUrl,
    newUserRoles,
    isPlainHttp: issuer.startsWith('http:'),
  });
}

const NO_SECRET =
  'without a secret the issuer cannot be asked about access tokens: only those are taken that its keys tell to be good';

function issuerOf(text: string, pointer: string, findings: UrlFindings): string | null {
  if (text === '') {
    fault(findings, pointer, 'the URL of the issuer is missing, as its own document has it');
    return null;
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}` === '';
  if (!isUsable || /[?#\s]/.test(text)) {
    fault(findings, pointer, 'is no http or https URL without user, query and fragment');
    return null;
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    warn(findings, pointer, 'the issuer is reached without TLS: passwords and tokens travel as they are');
  return text;
}

function scopesOf(given: ProviderRecord['scopes'], pointer: string, findings: UrlFindings): readonly string[] {
  const scopes = (typeof given === 'string' ? given.split(/[\s,]+/) : (given ?? [])).filter((scope) => scope !== '');
  const odd = scopes.findIndex((scope) => !SCOPE.test(scope));
  if (odd !== -1) fault(findings, pointer, 'a scope is visible ASCII without quotes, backslashes and spaces');
  return scopes;
}

function redirectUrisOf(given: readonly string[], pointer: string, findings: UrlFindings): readonly string[] {
  if (given.length > MOST_REDIRECTS) fault(findings, pointer, `there may be ${MOST_REDIRECTS} at most`);
  for (const [index, uri] of given.entries()) {
    const isUsable = URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol) && /^[\x21-\x7e]+$/.test(uri);
    if (!isUsable || uri.includes('#'))
      fault(findings, `${pointer}/${index}`, 'is no http or https URL without fragment: browsers are sent back to it');
  }
  return Object.freeze([...given]);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function fault({ faults }: UrlFindings, pointer: string, message: string): void {
  faults.push({ pointer, message } satisfies UrlFinding);
}

function warn({ warnings }: UrlFindings, pointer: string, message: string): void {
  warnings.push({ pointer, message } satisfies UrlFinding);
}
