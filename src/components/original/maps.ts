import { isMembers, type Members } from '../check/members.js';
import { put, type Reader, readEach, type Reading } from './reading.js';

export interface MapOptions {
  /** What the map is called in messages. */
  readonly name: string;
  /** Names of an entry's key, before those that hold everywhere. */
  readonly keys?: readonly string[];
  /** Names of an entry's value, before `value`. */
  readonly values?: readonly string[];
  /** How the values are read, where they are objects; without it they are plain. */
  readonly each?: Reader;
}

const KEYS = ['key', 'name', 'path', 'method', 'alias'];

/** Reads a map that may be a list of `{key, value}` or `{key, …the rest}`. A list of anything else stays as it is. */
export function mapOf({ name, keys = [], values = [], each }: MapOptions): Reader {
  const form: EntryForm = { keys: [...keys, ...KEYS], values: [...values, 'value'], isPlain: each === undefined };
  return function readMap(value, reading) {
    const map = Array.isArray(value) ? mapFromList(value, form, reading) : value;
    if (map !== value) reading.foreign.add(`${name}: a list → a map`);
    return each === undefined ? map : readEach(map, reading, () => each);
  };
}

export interface EntryForm {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly isPlain: boolean;
}

/** The list itself where it is none of entries. Two entries with one key are a fault; the first counts. */
export function mapFromList(list: readonly unknown[], form: EntryForm, reading: Reading): unknown {
  const map: Members = {};
  const entries = list.map((item) => entryOf(item, form));
  if (entries.includes(null)) return list;
  const lost = new Set<string>();
  for (const entry of entries) {
    if (entry === null) continue;
    entry.lost.forEach((name) => lost.add(name));
    if (!Object.hasOwn(map, entry.key)) put(map, entry.key, entry.value);
    else reading.fault(entry.key, `${quoted(entry.key)} stands twice in the list. Keep one entry for it.`);
  }
  if (lost.size > 0) {
    const names = [...lost].slice(0, 5).map(quoted).join(', ');
    reading.warning(null, `Entries of the list say more than key and value; it is left out: ${names}.`);
  }
  return map;
}

interface Entry {
  readonly key: string;
  readonly value: unknown;
  /** Members that a plain value leaves no place for. */
  readonly lost: readonly string[];
}

function entryOf(item: unknown, { keys, values, isPlain }: EntryForm): Entry | null {
  if (!isMembers(item)) return null;
  const keyName = keys.find((name) => Object.hasOwn(item, name) && isKey(item[name]));
  if (keyName === undefined) return null;
  const key = String(item[keyName]);
  const { [keyName]: _key, ...rest } = item;
  const valueName = values.find((name) => Object.hasOwn(rest, name));
  if (isPlain) return plainEntry(key, rest, valueName);
  if (valueName === undefined) return { key, value: rest, lost: [] };
  const { [valueName]: value, ...others } = rest;
  if (Object.keys(others).length === 0) return { key, value, lost: [] };
  return { key, value: isMembers(value) ? { ...others, ...value } : rest, lost: [] };
}

/** Of an entry without a value, the only other member is meant: `{name: login, url: /login}`. */
function plainEntry(key: string, rest: Members, valueName: string | undefined): Entry {
  const others = Object.keys(rest).filter((name) => name !== valueName && rest[name] !== null);
  if (valueName !== undefined) return { key, value: rest[valueName], lost: others };
  return { key, value: others.length === 1 ? rest[others[0]!] : others.length === 0 ? null : rest, lost: [] };
}

const isKey = (value: unknown): boolean => typeof value === 'number' || (typeof value === 'string' && value !== '');
/** A name as a message may show it. */
export const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
