import type { ClaimRecord, ClaimSpecial } from '../../../contracts/records.js';
import type { AppliedClaims } from './applied-claims.js';
import { appliedClaims, convertedValue } from './apply-claims.js';
import { removeAt, valueAt } from './claim-path.js';
import type { ClaimValue } from './claim-value.js';
import { compileClaims, isReserved, type ClaimFinding, type CompiledClaim } from './compile-claims.js';
import { roleNames } from './role-names.js';

/** What a token is to carry. */
export interface IssuedClaims {
  /** Plain JSON values by name. */
  readonly claims: Record<string, unknown>;
  /** Names of claims whose value was not of their class, and which were left out. */
  readonly unconverted: readonly string[];
}

/** The claims of a token record, compiled once. Bad values never throw: their claims are left out and named. */
export interface ClaimPlan {
  /** For a new token, from the provider's answer: its payload with `user`, `token` and `access` filled in. */
  issue(answer: Readonly<Record<string, unknown>>): IssuedClaims;
  /** What a verified token's claims put where. */
  apply(claims: Readonly<Record<string, unknown>>): AppliedClaims;
  /** Takes the values of claims with `remove` out of an answer, in place: it must be the caller's own copy. */
  removeFrom(answer: object): void;
  /** Of a request without a token: nothing is put, and nothing of the client's stays in the place of a claim. */
  readonly nobody: AppliedClaims;
  /** Paths in the payload that clients must never set. */
  readonly payloadElements: readonly (readonly string[])[];
  /** Name of the first claim of each special; null where there is none. */
  readonly names: Readonly<Record<ClaimSpecial, string | null>>;
  /** Name of the claim that takes a guest's random id: its special is ORIGIN_ID, and it has neither value nor source. */
  readonly guestIdName: string | null;
}

/** @param pointer of the list in its record, such as `/claims` */
export function claimPlanOf(
  records: readonly ClaimRecord[],
  pointer: string,
): { plan: ClaimPlan; faults: readonly ClaimFinding[]; warnings: readonly ClaimFinding[] } {
  const { claims, faults, warnings } = compileClaims(records, pointer);
  return { plan: new CompiledClaimPlan(claims), faults, warnings };
}

class CompiledClaimPlan implements ClaimPlan {
  readonly nobody: AppliedClaims;
  readonly payloadElements: readonly (readonly string[])[];
  readonly names: Readonly<Record<ClaimSpecial, string | null>>;
  readonly guestIdName: string | null;
  private readonly rolesClaim: CompiledClaim | null;

  constructor(private readonly claims: readonly CompiledClaim[]) {
    this.rolesClaim = rolesClaimOf(claims);
    this.nobody = appliedClaims(claims, this.rolesClaim, {});
    this.payloadElements = claims.map(({ element }) => element).filter((element) => element !== null);
    const named = (special: ClaimSpecial) => claims.find((claim) => claim.special === special)?.name ?? null;
    this.names = {
      ORIGIN_ID: named('ORIGIN_ID'),
      ORIGIN_TYPE: named('ORIGIN_TYPE'),
      SESSION_ID: named('SESSION_ID'),
      ROLES: this.rolesClaim?.name ?? null,
    };
    const isGuestId = ({ special, constant, hasOwnSource }: CompiledClaim) =>
      special === 'ORIGIN_ID' && constant === null && !hasOwnSource;
    this.guestIdName = claims.find(isGuestId)?.name ?? null;
  }

  issue(answer: Readonly<Record<string, unknown>>): IssuedClaims {
    const issued: Record<string, unknown> = {};
    const unconverted: string[] = [];
    for (const claim of this.claims) {
      if (isReserved(claim.name) || Object.hasOwn(issued, claim.name)) continue;
      const value = this.valueOf(claim, answer);
      if (value === 'unconverted') unconverted.push(claim.name);
      else if (value !== null) issued[claim.name] = value.inToken;
    }
    const roles = this.rolesClaim === null ? roleNames(valueAt(answer, ['user', 'roles'])) : [];
    if (roles.length > 0) issued.roles = roles;
    return { claims: issued, unconverted };
  }

  apply(claims: Readonly<Record<string, unknown>>): AppliedClaims {
    return appliedClaims(this.claims, this.rolesClaim, claims);
  }

  removeFrom(answer: object): void {
    for (const { removes, source } of this.claims) if (removes && source !== null) removeAt(answer, source);
  }

  private valueOf(claim: CompiledClaim, answer: Readonly<Record<string, unknown>>): ClaimValue | 'unconverted' | null {
    if (claim.constant !== null) return claim.constant;
    const given = claim.source === null ? null : (valueAt(answer, claim.source) ?? null);
    if (given === null) return null;
    return convertedValue(claim, given, claim === this.rolesClaim) ?? 'unconverted';
  }
}

/** Special ROLES, else element `user.roles`, else metaElement or name `roles`; the first of each (spec/identity.md, "Claims"). */
function rolesClaimOf(claims: readonly CompiledClaim[]): CompiledClaim | null {
  return (
    claims.find(({ special }) => special === 'ROLES') ??
    claims.find(({ element }) => element?.join('.') === 'user.roles') ??
    claims.find(({ name, metaElement }) => name === 'roles' || metaElement?.join('.') === 'roles') ??
    null
  );
}
