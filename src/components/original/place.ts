import { isMembers, type Members } from '../check/members.js';
import { holds, isSame, put, readEach, type Reader, type Reading, without } from './reading.js';

/** What may stand at one place of a record of the original, and what it is in ours. */
export interface PlaceOptions {
  /** Groups whose members belong to the place itself. */
  readonly tabs?: readonly string[];
  /** Another name → ours. Of several for one field the first counts. */
  readonly names?: Readonly<Record<string, string>>;
  /** A name that stands flat → the group that it belongs to, and its name there. */
  readonly flat?: Readonly<Record<string, readonly [group: string, name: string]>>;
  /** How the members are read, by our names. */
  readonly parts?: Readonly<Record<string, Reader>>;
}

interface Place {
  readonly tabs: readonly string[];
  readonly names: readonly (readonly [string, string])[];
  readonly flat: readonly (readonly [string, readonly [string, string]])[];
  readonly parts: ReadonlyMap<string, Reader>;
}

/** Makes the reader of a place: tabs are taken apart, then names and groups put right, then the members read. */
export function placeOf(options: PlaceOptions): Reader {
  const place: Place = {
    tabs: options.tabs ?? [],
    names: Object.entries(options.names ?? {}),
    flat: Object.entries(options.flat ?? {}),
    parts: new Map(Object.entries(options.parts ?? {})),
  };
  const foreign = new Set([...place.tabs, ...Object.keys({ ...options.names, ...options.flat })]);
  const readerOf = (name: string): Reader | undefined => place.parts.get(name);
  return function readPlace(value, reading) {
    if (!isMembers(value)) return value;
    const named = Object.keys(value).some((name) => foreign.has(name)) ? inOurNames(value, place, reading) : value;
    return place.parts.size === 0 ? named : readEach(named, reading, readerOf);
  };
}

function inOurNames(value: Members, place: Place, reading: Reading): Members {
  let after = value;
  for (const tab of place.tabs) after = takeApart(after, tab, place, reading);
  for (const [theirs, ours] of place.names) after = rename(after, theirs, ours, reading);
  for (const [theirs, [group, name]] of place.flat) after = gather(after, { theirs, group, name }, reading);
  return after;
}

/** A tab within a tab stays where it is, and is an unknown field. */
function takeApart(value: Members, tab: string, place: Place, reading: Reading): Members {
  const group = Object.hasOwn(value, tab) ? value[tab] : undefined;
  if (!isMembers(group)) return value;
  const isLifted = (name: string): boolean => !place.tabs.includes(name);
  const lifted = Object.keys(group).filter(isLifted);
  const left = Object.keys(group).filter((name) => !isLifted(name));
  if (lifted.length === 0 && left.length > 0) return value;
  const after = without(value, tab);
  if (left.length > 0) after[tab] = Object.fromEntries(left.map((name) => [name, group[name]]));
  reading.foreign.add(`${tab} → the record itself`);
  for (const name of lifted) {
    // The record has its id outside.
    if (name !== 'id')
      bring(after, name, group[name], { from: `${tab}.${name}`, read: place.parts.get(name), reading });
  }
  return after;
}

interface Bringing {
  readonly from: string;
  readonly read: Reader | undefined;
  readonly reading: Reading;
}

/** What stands there already wins; maps are joined. */
function bring(target: Members, name: string, value: unknown, { from, read, reading }: Bringing): void {
  if (!holds(target, name)) return put(target, name, value);
  if (value === null || value === undefined) return;
  const [ours, theirs] = [target[name], value].map((side) =>
    read === undefined ? side : reading.below(name, read, side),
  );
  put(target, name, ours);
  if (!isMembers(ours) || !isMembers(theirs)) return warnOfBoth(name, { ours, theirs, from, reading });
  const joined = { ...ours };
  for (const inner of Object.keys(theirs)) {
    if (!holds(joined, inner)) put(joined, inner, theirs[inner]);
    else warnOfBoth(name, { ours: joined[inner], theirs: theirs[inner], from: `${from}.${inner}`, reading });
  }
  put(target, name, joined);
}

interface Both {
  readonly ours: unknown;
  readonly theirs: unknown;
  readonly from: string;
  readonly reading: Reading;
}

function warnOfBoth(name: string, { ours, theirs, from, reading }: Both): void {
  if (isSame(ours, theirs)) return;
  reading.warning(
    name,
    `${shortened(from)} stands beside it and says something else: it is left out. Keep one of them.`,
  );
}

function rename(value: Members, theirs: string, ours: string, reading: Reading): Members {
  if (!Object.hasOwn(value, theirs)) return value;
  const after = without(value, theirs);
  const member = value[theirs];
  reading.foreign.add(`${theirs} → ${ours}`);
  if (!holds(after, ours)) after[ours] = member;
  else if (member !== null && member !== undefined)
    warnOfBoth(ours, { ours: after[ours], theirs: member, from: theirs, reading });
  return after;
}

interface Gathering {
  readonly theirs: string;
  readonly group: string;
  readonly name: string;
}

function gather(value: Members, { theirs, group, name }: Gathering, reading: Reading): Members {
  if (!Object.hasOwn(value, theirs)) return value;
  const known = holds(value, group) ? value[group] : {};
  // A group that is none is at fault, and what belongs to it stays.
  if (!isMembers(known)) return value;
  const after = without(value, theirs);
  const member = value[theirs];
  reading.foreign.add(`${theirs} → ${group}.${name}`);
  if (member === null || member === undefined) return after;
  if (!holds(known, name)) after[group] = { ...known, [name]: member };
  else warnOfBoth(group, { ours: known[name], theirs: member, from: theirs, reading });
  return after;
}

const shortened = (name: string): string => (name.length > 80 ? `${name.slice(0, 79)}…` : name);
