import { type DtoClass, type FieldOptions, type FieldType, fieldsOf, typesOf } from '../field.decorator.js';
import { nearestName } from '../nearest-name.js';
import { pointerTo } from '../pointer.js';
import { isMembers, type Members } from './members.js';
import type { RecordCheck } from './record-check.js';

type Look = (value: unknown, found: Survey) => void;
interface Surveyed {
  readonly notInForce: string | undefined;
  readonly look: Look | null;
}
interface NotInForce {
  readonly why: string;
  readonly pointer: string;
  places: number;
}

/** What a look over a record's fields, before their values are checked, brings up. */
class Survey {
  readonly idle = new Map<string, NotInForce>();
  /** Where the look is; a pointer is made of it only where there is something to say. */
  readonly path: (string | number)[] = [];
  constructor(readonly check: RecordCheck) {}

  setsIdle(name: string, why: string): void {
    const known = this.idle.get(name);
    if (known === undefined) this.idle.set(name, { why, pointer: this.pointerTo(name), places: 1 });
    else known.places++;
  }

  lookBelow(name: string | number, look: Look, value: unknown): void {
    this.path.push(name);
    look(value, this);
    this.path.pop();
  }

  pointerTo(name: string): string {
    return pointerTo(this.path.reduce<string>(pointerTo, ''), name);
  }
}

/**
 * Makes the function that drops null members in place (they count as missing), and warns of unknown fields and of fields that
 * are not in force: one warning a field name, however many rules set it.
 */
export function surveyOf(
  dto: DtoClass,
  options: { readonly warnsIdle: boolean },
): (record: Members, check: RecordCheck) => void {
  const look = lookAtClass(dto);
  return function survey(record, check) {
    const found = new Survey(check);
    look(record, found);
    if (!options.warnsIdle) return;
    for (const [name, { why, pointer, places }] of found.idle) {
      const where = places === 1 ? '' : ` (set in ${places} places)`;
      check.warning(pointer, `${name} is not in force${where}: ${why}. Do not rely on it.`);
    }
  };
}

function lookAtClass(dto: DtoClass): Look {
  const fields = new Map<string, Surveyed>();
  for (const [name, field] of fieldsOf(dto))
    fields.set(name, { notInForce: field.notInForce, look: lookAtField(field) });
  return function lookAtMembers(value, found) {
    if (!isMembers(value)) return;
    for (const name of Object.keys(value)) {
      const member = value[name];
      const field = fields.get(name);
      if (field === undefined) warnUnknown(name, fields, found);
      else if (member === null) delete value[name];
      else {
        if (field.notInForce !== undefined && member !== false) {
          found.setsIdle(name, field.notInForce);
        }
        if (field.look !== null) found.lookBelow(name, field.look, member);
      }
    }
  };
}

function warnUnknown(name: string, known: ReadonlyMap<string, unknown>, found: Survey): void {
  const meant = nearestName(name, known.keys());
  const hint = meant === null ? 'Remove it if it is not needed.' : `Did you mean ${meant}?`;
  found.check.warning(
    found.pointerTo(name),
    `${name} is no field that this release knows; it is kept, and has no effect. ${hint}`,
  );
}

function lookAtField(field: FieldOptions): Look | null {
  const looks = typesOf(field)
    .map(lookAtType)
    .filter((look) => look !== null);
  if (looks.length < 2) return looks[0] ?? null;
  return (value, found) => looks.forEach((look) => look(value, found));
}

function lookAtType(type: FieldType): Look | null {
  if (typeof type === 'string') return null;
  if (typeof type === 'function') return lookAtClass(type());
  if ('list' in type) {
    const look = lookAtType(type.list);
    return look === null
      ? null
      : (value, found) => {
          if (Array.isArray(value)) value.forEach((item, index) => found.lookBelow(index, look, item));
        };
  }
  const look = lookAtType(type.map);
  return function lookAtMap(value, found) {
    if (!isMembers(value)) return;
    for (const name of Object.keys(value)) {
      const member = value[name];
      if (member === null) delete value[name];
      else if (look !== null) found.lookBelow(name, look, member);
    }
  };
}
