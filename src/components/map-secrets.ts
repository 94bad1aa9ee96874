import type { ComponentKind } from '../contracts/records.js';
import { soleLookup } from '../lookups/parse-lookup.js';
import { RECORD_KINDS } from './check/record-kinds.js';
import { isMembers, type Members } from './check/members.js';
import type { DtoClass } from './field.decorator.js';
import { isSecretName, tellsSecret } from './secret-names.js';
import { entryPlace, listedMember, mapMembers, placeBelow, placeOf, UNKNOWN, type Place } from './secret-places.js';

/** The way to a value in a record, from its end. */
export interface Step {
  readonly before: Step | null;
  /** Name of a member, or index in a list. */
  readonly token: string | number;
  /** What stands there. */
  readonly value: unknown;
}

/** What becomes of the texts and secrets of a record. Nothing else of it changes. */
export interface SecretTransform {
  readonly secret: (value: string | number | boolean, step: Step) => unknown;
  /** A text that is no secret as a whole; URLs in it may hold user-info. */
  readonly text: (value: string, step: Step) => unknown;
  /** What the record's executor declares as secret; unknown executors declare nothing. */
  readonly isSecretParameter?: (name: string) => boolean;
}

/**
 * A copy of a record with its secrets changed. The one place that decides what is secret (spec/components.md, "Secret are"),
 * in our form of records and in that of the original. A value that is nothing but a lookup is no secret itself.
 */
export function mapSecrets(kind: ComponentKind, record: object, transform: SecretTransform): Record<string, unknown> {
  return new Walk(RECORD_KINDS[kind].dto, transform).record(record as Members, null);
}

/** Groups of the original whose members belong to the record itself. */
const TABS = ['definition', 'authentication', 'resilience', 'token'];
/** Names of the original for what has members of any name. */
const OUR_NAMES = new Map([
  ['pathAuthentications', 'paths'],
  ['systemParameters', 'parameters'],
]);

interface At {
  readonly place: Place;
  /** Full name of the parameter, with dots; empty for all parameters together, null elsewhere. */
  readonly parameter: string | null;
}

class Walk {
  constructor(
    private readonly dto: DtoClass,
    private readonly transform: SecretTransform,
  ) {}

  record(record: Members, before: Step | null): Members {
    return mapMembers(record, (theirs, value) => {
      const step = { before, token: theirs, value };
      const name = OUR_NAMES.get(theirs) ?? theirs;
      const place = placeOf(this.dto, name);
      if (place === UNKNOWN && TABS.includes(name) && isMembers(value)) return this.record(value, step);
      const at = name === 'parameters' ? { place: UNKNOWN, parameter: '' } : { place, parameter: null };
      return this.member(name, value, at, step);
    });
  }

  private member(name: string, value: unknown, at: At, step: Step): unknown {
    if (this.isSecret(name, value, at)) return this.whole(value, step);
    if (typeof value === 'string') return this.transform.text(value, step);
    if (isMembers(value)) return this.members(value, at, step);
    if (!Array.isArray(value)) return value;
    return value.map((item: unknown, index) => {
      const inner = { before: step, token: index, value: item };
      // Items of a list count under the list's name.
      return isMembers(item) ? this.item(item, at, inner) : this.member(name, item, at, inner);
    });
  }

  /** Objects and lists are secret as a whole where their name tells it, or its DTO class does. */
  private isSecret(name: string, value: unknown, { place, parameter }: At): boolean {
    if (place.secret !== undefined) return place.secret;
    if (tellsSecret(name)) return true;
    const isPlain = typeof value !== 'object';
    if (parameter === null || parameter === '') return isPlain && isSecretName(name);
    if (this.transform.isSecretParameter?.(parameter) === true) return true;
    return isPlain && (isSecretName(name) || isSecretName(parameter));
  }

  private members(value: Members, { place, parameter }: At, before: Step): Members {
    return mapMembers(value, (name, member) => {
      const at = { place: placeBelow(place, name, member), parameter: below(parameter, name) };
      return this.member(name, member, at, { before, token: name, value: member });
    });
  }

  /** What a list holds in place of a map's member is secret under either name. */
  private item(item: Members, at: At, before: Step): Members {
    const { place, parameter } = at;
    if (place.entries !== null) return this.members(item, { place: entryPlace(place.entries), parameter }, before);
    const listed = listedMember(item, place);
    if (listed === null) return this.members(item, at, before);
    const { names, nameIn, valueIn } = listed;
    const inner = below(parameter, names[0]);
    return mapMembers(item, (name, value) => {
      const step = { before, token: name, value };
      if (nameIn.includes(name)) return typeof value === 'string' ? this.transform.text(value, step) : value;
      const isSecret =
        valueIn.includes(name) &&
        names.some((key) => this.isSecret(key, value, { place: UNKNOWN, parameter: below(parameter, key) }));
      return isSecret
        ? this.whole(value, step)
        : this.member(name, value, { place: placeBelow(place, name, value), parameter: inner }, step);
    });
  }

  private whole(value: unknown, step: Step): unknown {
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.whole(item, { before: step, token: index, value: item }));
    }
    if (isMembers(value)) {
      return mapMembers(value, (name, member) =>
        // A key's id is no secret, and tells people which key it is.
        name === 'kid' && typeof member !== 'object'
          ? member
          : this.whole(member, { before: step, token: name, value: member }),
      );
    }
    if (typeof value === 'string') return soleLookup(value) === null ? this.transform.secret(value, step) : value;
    return typeof value === 'number' || typeof value === 'boolean' ? this.transform.secret(value, step) : value;
  }
}

/** Parameters that are nested have dots in their names all the same. */
function below(parameter: string | null, name: string): string | null {
  if (parameter === null) return null;
  return parameter === '' ? name : `${parameter}.${name}`;
}
