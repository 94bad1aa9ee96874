import { isMembers, type Members } from '../check/members.js';
import { pointerTo } from '../pointer.js';

/** Something about a record's form that people should act on. */
export interface Note {
  /** `fault`: the record cannot be used like this. */
  readonly severity: 'fault' | 'warning';
  /** In our form of the record. */
  readonly pointer: string;
  readonly message: string;
}

/** Reads what stands at one place: the same value where it is in our form already, else another one. Never changes it. */
export type Reader = (value: unknown, reading: Reading) => unknown;

/** What comes up while one record is read. */
export class Reading {
  /** What was read under another name, each once however often it stands there. */
  readonly foreign = new Set<string>();
  readonly notes: Note[] = [];
  private readonly path: (string | number)[] = [];

  below(name: string | number, read: Reader, value: unknown): unknown {
    this.path.push(name);
    const after = read(value, this);
    this.path.pop();
    return after;
  }

  fault(name: string | null, message: string): void {
    this.notes.push({ severity: 'fault', pointer: this.pointerTo(name), message });
  }

  warning(name: string | null, message: string): void {
    this.notes.push({ severity: 'warning', pointer: this.pointerTo(name), message });
  }

  private pointerTo(name: string | null): string {
    const here = this.path.reduce<string>(pointerTo, '');
    return name === null ? here : pointerTo(here, name);
  }
}

/** Null counts as missing. */
export function holds(members: Members, name: string): boolean {
  return Object.hasOwn(members, name) && members[name] !== null && members[name] !== undefined;
}

/** Assignment to `__proto__` would be no member. */
export function put(members: Members, name: string, value: unknown): void {
  if (name !== '__proto__') members[name] = value;
  else Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
}

export function without(members: Members, name: string): Members {
  const rest = { ...members };
  delete rest[name];
  return rest;
}

/** Every member read; the same object where all of them stay. */
export function readEach(value: unknown, reading: Reading, readerOf: (name: string) => Reader | undefined): unknown {
  if (!isMembers(value)) return value;
  let after = value;
  for (const name of Object.keys(value)) {
    const read = readerOf(name);
    if (read === undefined) continue;
    const member = value[name];
    const better = reading.below(name, read, member);
    if (better === member) continue;
    if (after === value) after = { ...value };
    put(after, name, better);
  }
  return after;
}

/** Whether two values say the same; objects and lists only where they are one. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || (isScalar(a) && isScalar(b) && String(a) === String(b));
}

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
