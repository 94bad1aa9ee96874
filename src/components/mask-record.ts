import type { ComponentKind } from '../contracts/records.js';
import { RECORD_KINDS } from './check/record-kinds.js';
import { isMembers, type Members } from './check/members.js';
import { type DtoClass, type FieldType, fieldsOf, typesOf } from './field.decorator.js';
import { isSecretName, MASK, tellsSecret, withoutUserInfo } from './secret-names.js';

/** What stands at a place, as far as its DTO class says. */
interface Place {
  readonly dto: DtoClass | null;
  readonly secret: boolean | undefined;
  /** Of a map whose keys are no names of ours (paths, methods): what each of its members is. */
  readonly entries: DtoClass | null;
}
const UNKNOWN: Place = { dto: null, secret: undefined, entries: null };

/**
 * A copy of a record that anybody may see: secrets are masked, URLs lose their user-info (spec/components.md, "Secret are").
 * @param isSecretParameter what the record's executor declares as secret; unknown executors declare nothing
 */
export function maskRecord(
  kind: ComponentKind,
  record: object,
  isSecretParameter: (name: string) => boolean = () => false,
): Record<string, unknown> {
  return mapMembers(record as Members, (name, value) =>
    name === 'parameters'
      ? maskParameters(value, isSecretParameter)
      : maskMember(name, value, placeOf(RECORD_KINDS[kind].dto, name)),
  );
}

function maskParameters(value: unknown, isSecretParameter: (name: string) => boolean): unknown {
  if (!isMembers(value)) return maskMember('parameters', value, UNKNOWN);
  return mapMembers(value, (name, member) =>
    isSecretParameter(name) ? maskAll(member) : maskMember(name, member, UNKNOWN),
  );
}

function maskMember(name: string, value: unknown, place: Place): unknown {
  const isTelling = place.secret ?? tellsSecret(name);
  if (isTelling) return maskAll(value);
  if (typeof value !== 'object' || value === null) {
    const isSecret = value !== null && (place.secret ?? isSecretName(name));
    return isSecret ? MASK : typeof value === 'string' ? withoutUserInfo(value) : value;
  }
  return maskBelow(name, value, place);
}

/** Items of a list count under the list's name. */
function maskBelow(name: string, value: object, place: Place): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => maskMember(name, item, place));
  return mapMembers(value as Members, (inner, member) => {
    const entry =
      place.entries === null ? placeOf(place.dto, inner) : { dto: place.entries, secret: false, entries: null };
    return maskMember(inner, member, entry);
  });
}

/** A key's id is no secret, and tells people which key it is. */
function maskAll(value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map(maskAll);
  if (isMembers(value)) return mapMembers(value, (name, member) => (name === 'kid' ? member : maskAll(member)));
  return MASK;
}

function mapMembers(value: Members, mask: (name: string, member: unknown) => unknown): Members {
  // Not by assignment: a member may be named __proto__.
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mask(name, member)]));
}

function placeOf(dto: DtoClass | null, name: string): Place {
  const field = dto === null ? undefined : fieldsOf(dto).get(name);
  if (field === undefined) return UNKNOWN;
  const types = typesOf(field);
  const nested = types.map(classIn).find((found) => found !== null) ?? null;
  const map = types.find((type) => typeof type === 'object' && 'map' in type);
  return { dto: nested, secret: field.secret, entries: map === undefined ? null : classIn(map.map) };
}

function classIn(type: FieldType): DtoClass | null {
  if (typeof type === 'function') return type();
  if (typeof type === 'string') return null;
  return 'list' in type ? classIn(type.list) : null;
}
