import type { ClaimSpecial } from '../../../contracts/records.js';
import type { AppliedClaims, PayloadClaim } from './applied-claims.js';
import type { ClaimValue } from './claim-value.js';
import type { CompiledClaim } from './compile-claims.js';
import { roleNames } from './role-names.js';
import { editedObject, editedValue, putsAnything, REMOVE, withEdit, type Edits } from './text-edits.js';

/** A claim that the token has. */
interface Present {
  readonly claim: CompiledClaim;
  readonly value: ClaimValue;
}

const PARAMETERS = 'parameters';
const NO_EDITS: Edits = new Map();

/** @param rolesClaim the one that has the roles; null: the token's own claim `roles` */
export function appliedClaims(
  claims: readonly CompiledClaim[],
  rolesClaim: CompiledClaim | null,
  token: Readonly<Record<string, unknown>>,
): AppliedClaims {
  const present: Present[] = [];
  const absent: CompiledClaim[] = [];
  const unconverted: string[] = [];
  for (const claim of claims) {
    const given = ownValue(token, claim.name);
    const value = given === null ? null : convertedValue(claim, given, claim === rolesClaim);
    if (value !== null) present.push({ claim, value });
    else absent.push(claim);
    if (value === null && given !== null) unconverted.push(claim.name);
  }
  const special = (wanted: ClaimSpecial): string | null => specialText(present, wanted);
  const roles =
    rolesClaim === null ? ownValue(token, 'roles') : present.find(({ claim }) => claim === rolesClaim)?.value.value;
  return {
    originId: special('ORIGIN_ID'),
    originType: special('ORIGIN_TYPE'),
    sessionId: special('SESSION_ID'),
    roles: roleNames(roles),
    claimsText: claimsText(present),
    ...payloadOf(present, absent),
    unconverted,
  };
}

/** Null where there is none. */
export function ownValue(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? null) : null;
}

/** Roles may be a comma-separated text also where the claim's class is a list. */
export function convertedValue(claim: CompiledClaim, given: unknown, hasRoles: boolean): ClaimValue | null {
  const isText = hasRoles && claim.class.isList && typeof given === 'string';
  return claim.class.convert(isText ? roleNames(given) : given);
}

function specialText(present: readonly Present[], wanted: ClaimSpecial): string | null {
  for (const { claim, value } of present) {
    if (claim.special !== wanted) continue;
    if (typeof value.value === 'string') return value.value === '' ? null : value.value;
    // A number as it is written, or a boolean: nothing else identifies anybody.
    return /^[[{]/.test(value.text) ? null : value.text;
  }
  return null;
}

function claimsText(present: readonly Present[]): string {
  let edits = NO_EDITS;
  for (const { claim, value } of present)
    if (claim.metaElement !== null) edits = withEdit(edits, claim.metaElement, { kind: 'put', text: value.text });
  return editedObject('{}', edits);
}

function payloadOf(
  present: readonly Present[],
  absent: readonly CompiledClaim[],
): Pick<AppliedClaims, 'payload' | 'payloadTail' | 'parametersEdit'> {
  let edits = NO_EDITS;
  // A client can set nothing but its parameters. What it set there in the place of a claim that is not in the token goes.
  for (const { element } of absent) if (element?.[0] === PARAMETERS) edits = withEdit(edits, element, REMOVE);
  const payload: PayloadClaim[] = [];
  for (const { claim, value } of present) {
    if (claim.element === null) continue;
    payload.push({ path: claim.element, value: value.value, text: value.text });
    edits = withEdit(edits, claim.element, { kind: 'put', text: value.text });
  }
  let payloadTail = '';
  for (const [name, edit] of edits)
    if (name !== PARAMETERS && putsAnything(edit)) payloadTail += `,${JSON.stringify(name)}:${editedValue('{}', edit)}`;
  return { payload, payloadTail, parametersEdit: edits.get(PARAMETERS) ?? null };
}
