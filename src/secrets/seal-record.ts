import { isMembers } from '../components/check/members.js';
import { mapSecrets } from '../components/map-secrets.js';
import { MASK, withoutUserInfo } from '../components/secret-names.js';
import { mapMembers } from '../components/secret-places.js';
import type { ComponentKind } from '../contracts/records.js';
import { type SecretBox, UnopenableSeal } from './secret-box.js';

/** Sealed values of a record belong to it alone. */
const contextOf = (kind: ComponentKind, id: string): string => `${kind}/${id}`;

/**
 * A copy of a record's fields as they may be stored: every secret is sealed, as JSON, so that numbers stay numbers. What is
 * sealed with the key in force stays as it is, what an earlier key sealed is sealed anew; lookups and masks stay readable.
 */
export function sealRecord(kind: ComponentKind, id: string, fields: object, box: SecretBox): Record<string, unknown> {
  const context = contextOf(kind, id);
  const seal = (value: string | number | boolean): string => box.seal(JSON.stringify(value), context);
  return mapSecrets(kind, fields, {
    secret: (value) => (value === MASK ? value : (resealed(value, context, box) ?? seal(value))),
    // A text that only looks sealed is sealed wherever it stands: opening must give it back.
    text: (value) => resealed(value, context, box) ?? (isSecretText(value, box) ? seal(value) : value),
  });
}

const isSecretText = (text: string, box: SecretBox): boolean => box.isSealed(text) || withoutUserInfo(text) !== text;

/** A sealed value of this record, under the key in force; null for any other. */
function resealed(value: string | number | boolean, context: string, box: SecretBox): string | null {
  if (typeof value !== 'string' || !box.isSealed(value)) return null;
  try {
    const opened = box.open(value, context);
    return box.sealedBy(value) === box.fingerprint ? value : box.seal(opened, context);
  } catch (error) {
    if (error instanceof UnopenableSeal) return null;
    throw error;
  }
}

/**
 * A copy of a stored record's fields with all that is sealed opened, under whatever name.
 * @throws UnopenableSeal
 */
export function openRecord(kind: ComponentKind, id: string, fields: object, box: SecretBox): Record<string, unknown> {
  const context = contextOf(kind, id);
  const opened = (value: unknown): unknown => {
    if (typeof value === 'string') return box.isSealed(value) ? valueOf(box.open(value, context)) : value;
    if (Array.isArray(value)) return value.map(opened);
    return isMembers(value) ? mapMembers(value, (_, member) => opened(member)) : value;
  };
  return opened(fields) as Record<string, unknown>;
}

/** Whether anything in it is sealed. */
export function holdsSealed(value: unknown, box: SecretBox): boolean {
  if (typeof value === 'string') return box.isSealed(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((member) => holdsSealed(member, box));
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new UnopenableSeal('What was sealed is no value of a record.');
  }
}
