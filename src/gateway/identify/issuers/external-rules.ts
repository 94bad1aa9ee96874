import type { ExternalIssuerRecord, TokenRecord } from '../../../contracts/records.js';
import { claimPlanOf, type ClaimPlan } from '../claims/claim-plan.js';
import { issuerPlace, type IssuerPlace, type TokenRules } from './issuer.js';
import { issuerUrlFault, isDowngrade, isUnprotected } from './issuer-url.js';
import { externalRolesOf, type ExternalRoles } from './external-roles.js';

/** What a record says of the tokens of an external issuer (spec/identity.md, "External identity providers"). */
export interface ExternalRules {
  readonly place: IssuerPlace;
  readonly rules: TokenRules;
  readonly rolesOf: ExternalRoles;
  /** In the place of the record's. */
  readonly claims: ClaimPlan;
}

interface Finding {
  readonly pointer: string;
  readonly message: string;
}

export interface CompiledExternal {
  /** Null where there is a fault. */
  readonly rules: ExternalRules | null;
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
}

const LONGEST = 2048;

/** Compiles `external` of a token record. Pure, never throws. */
export function externalRulesOf(external: ExternalIssuerRecord, record: TokenRecord): CompiledExternal {
  const faults: Finding[] = [];
  const warnings: Finding[] = [];
  const { issuer, audience = [] } = external;
  const jwksUri = external.jwksUri === undefined || external.jwksUri === '' ? null : external.jwksUri;
  const told = (pointer: string, message: string | null): void => {
    if (message !== null) faults.push({ pointer: `/external${pointer}`, message });
  };
  told('/issuer', issuerFault(issuer, jwksUri, record));
  if (jwksUri !== null) told('/jwksUri', described(jwksUri, issuerUrlFault(jwksUri, 'withQuery')));
  // Any token of the issuer, made for whatever client, would be let in.
  if (audience.length === 0 || audience.includes(''))
    told('/audience', 'names nobody: name what the issuer writes into aud of the tokens that are meant for this API');
  const roles = externalRolesOf(external.rolesPath ?? '', issuer);
  told('/rolesPath', roles.fault);
  const own = external.claims !== undefined;
  const claims = claimPlanOf(external.claims ?? record.claims ?? [], own ? '/external/claims' : '/claims');
  if (own) {
    faults.push(...claims.faults);
    warnings.push(...claims.warnings, ...unfilled(external));
  }
  if (faults.length > 0) return { rules: null, faults, warnings };
  warnings.push(...unprotected(issuer, jwksUri));
  const rules: ExternalRules = {
    place: issuerPlace(issuer, jwksUri),
    rules: { use: 'access', audiences: new Set(audience), takesAzp: false, authorizedParty: null },
    rolesOf: roles.rolesOf,
    claims: claims.plan,
  };
  return { rules: Object.freeze(rules), faults, warnings };
}

function issuerFault(issuer: string, jwksUri: string | null, record: TokenRecord): string | null {
  if (issuer === record.issuer)
    return "is the record's own issuer too: then nobody could tell the gateway's tokens from those of the issuer";
  // Names that are no addresses were allowed before discovery; their keys must be named.
  if (jwksUri !== null && !/^https?:/.test(issuer)) return issuer.length > LONGEST ? 'is too long' : null;
  return described(issuer, issuerUrlFault(issuer, 'withoutQuery'));
}

function described(text: string, fault: string | null): string | null {
  return fault === null ? null : `"${text.slice(0, 100)}" ${fault}`;
}

function unprotected(issuer: string, jwksUri: string | null): Finding[] {
  const [field, address] = jwksUri === null ? ['issuer', issuer] : ['jwksUri', jwksUri];
  if (isUnprotected(address) || isDowngrade(issuer, address))
    return [
      {
        pointer: `/external/${field}`,
        message: 'is asked without TLS: who stands between could give the gateway keys of his own; use https',
      },
    ];
  return [];
}

/** A gateway token has such a claim from elsewhere; these have nothing but their issuer's. */
function unfilled({ claims = [] }: ExternalIssuerRecord): Finding[] {
  return claims.flatMap(({ value, source, element, special }, index) => {
    const hasPlace = [source, element].some((path) => path !== undefined && path !== '');
    if (hasPlace || (value !== undefined && value !== null) || special === 'SESSION_ID') return [];
    const message = 'is never filled: it needs a source, such as access.sub or user.id';
    return [{ pointer: `/external/claims/${index}/source`, message }];
  });
}
