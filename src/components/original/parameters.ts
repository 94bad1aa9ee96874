import { isMembers, type Members } from '../check/members.js';
import { type EntryForm, mapFromList, mapOf } from './maps.js';
import { holds, isSame, put, type Reader, type Reading } from './reading.js';

const ENTRY: EntryForm = { keys: ['key', 'name'], values: ['value'], isPlain: true };
const readMap = mapOf({ name: 'parameters' });
/** What is nested deeper, or wider, is no set of parameters, and stays for the schema to refuse. */
const MOST_LEVELS = 8;
const MOST_MEMBERS = 10_000;

/** Parameters have dots in their names; what is nested instead, as `server.header: [{key, value}]`, is written out. */
export const readParameters: Reader = (value, reading) => {
  const map = readMap(value, reading);
  if (!isMembers(map) || !Object.values(map).some(isNested)) return map;
  const flat: Members = {};
  for (const name of Object.keys(map)) if (!isNested(map[name])) put(flat, name, map[name]);
  let isChanged = false;
  for (const name of Object.keys(map)) {
    const member = map[name];
    if (!isNested(member)) continue;
    const found = reading.below(name, () => writtenOut(member, reading), null) as [string, unknown][] | null;
    if (found === null) put(flat, name, member);
    else isChanged = true;
    for (const [inner, parameter] of found ?? []) addParameter(flat, `${name}.${inner}`, parameter, reading);
  }
  if (!isChanged) return map;
  reading.foreign.add('nested parameters → dots in their names');
  return flat;
};

function addParameter(flat: Members, name: string, value: unknown, reading: Reading): void {
  if (!holds(flat, name)) put(flat, name, value);
  else if (!isSame(flat[name], value)) reading.fault(name, 'The parameter stands twice, flat and nested. Keep one.');
}

/** Null for what is none: a cycle, a list of something else. */
function writtenOut(value: unknown, reading: Reading): [string, unknown][] | null {
  const found: [string, unknown][] = [];
  return collect(value, [], found, reading) ? found : null;
}

function collect(value: unknown, path: readonly string[], found: [string, unknown][], reading: Reading): boolean {
  if (path.length > MOST_LEVELS || found.length > MOST_MEMBERS) return false;
  const map = Array.isArray(value) && value.length > 0 ? mapFromList(value, ENTRY, reading) : value;
  if (!isMembers(map)) {
    if (Array.isArray(map)) return false;
    found.push([path.join('.'), map]);
    return true;
  }
  return Object.keys(map).every((name) => collect(map[name], [...path, name], found, reading));
}

const isNested = (value: unknown): boolean => typeof value === 'object' && value !== null;
