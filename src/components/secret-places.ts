import { isMembers, type Members } from './check/members.js';
import { type DtoClass, type FieldType, fieldsOf, typesOf } from './field.decorator.js';

/** What stands at a place of a record, as far as its DTO class says. */
export interface Place {
  readonly dto: DtoClass | null;
  readonly secret: boolean | undefined;
  /** Of a map whose keys are no names of ours (paths, methods): what each of its members is. */
  readonly entries: DtoClass | null;
}

export const UNKNOWN: Place = { dto: null, secret: undefined, entries: null };

/** The place of a member within its object. */
export function placeBelow({ dto, entries }: Place, name: string, value: unknown): Place {
  if (entries === null) return placeOf(dto, name);
  // What is no rule has no place among them, and counts by its name.
  return isMembers(value) ? entryPlace(entries) : UNKNOWN;
}

/** Rules of a path may be called anything, `/secret` too. */
export const entryPlace = (dto: DtoClass): Place => ({ dto, secret: false, entries: null });

export function placeOf(dto: DtoClass | null, name: string): Place {
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

/** An item of a list that stands for a member of a map, as the original writes them (original/maps.ts). */
export interface ListedMember {
  /** What it may be called; the first counts. */
  readonly names: readonly [string, ...string[]];
  /** Members of the item that hold its name, and its value. */
  readonly nameIn: readonly string[];
  readonly valueIn: readonly string[];
}

const NAME_IN = ['key', 'name', 'path', 'method', 'alias', 'type', 'headerKey'];
const VALUE_IN = ['value', 'headerValue'];

/** Null for an item that has no name. */
export function listedMember(item: Members, { dto }: Place): ListedMember | null {
  const nameIn = NAME_IN.filter((name) => Object.hasOwn(item, name) && isName(item[name]));
  const [first, ...more] = nameIn.map((name) => String(item[name]));
  if (first === undefined) return null;
  const valueIn = VALUE_IN.filter((name) => Object.hasOwn(item, name));
  // Of an entry without a value, the only other member is meant: `{name: login, url: /login}`.
  const others = Object.keys(item).filter((name) => !nameIn.includes(name));
  const isPlain = dto === null && valueIn.length === 0 && others.length === 1;
  return { names: [first, ...more], nameIn, valueIn: isPlain ? others : valueIn };
}

const isName = (value: unknown): boolean => typeof value === 'number' || (typeof value === 'string' && value !== '');

/** By assignment, a member named __proto__ would be none. */
export function mapMembers(value: Members, change: (name: string, member: unknown) => unknown): Members {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(name, member)]));
}
