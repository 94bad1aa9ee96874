import { pointerTo } from '../pointer.js';
import { isMembers } from './members.js';
import type { RecordCheck } from './record-check.js';

const LOOKUP = /[$#]!?\{\{/;

/** Whether a record's text holds what begins like a lookup (spec/components.md). */
export const holdsLookup = (recordText: string): boolean => LOOKUP.test(recordText);

/** Where nobody resolves them, lookups never go out as literal text: a record that holds one is at fault. */
export function reportLookups(record: unknown, check: RecordCheck): void {
  reportIn(record, '', check);
}

function reportIn(value: unknown, pointer: string, check: RecordCheck): void {
  if (typeof value === 'string') {
    const found = LOOKUP.exec(value);
    if (found === null) return;
    check.fault(pointer, `The value holds a lookup (${found[0]}…}}), and nothing resolves lookups here.`);
  } else if (Array.isArray(value)) value.forEach((item, index) => reportIn(item, pointerTo(pointer, index), check));
  else if (isMembers(value))
    for (const name of Object.keys(value)) reportIn(value[name], pointerTo(pointer, name), check);
}

/** Where a record's lookups stand; as many as anybody reads. */
export function lookupPointers(record: unknown, most = 50): readonly string[] {
  const found: string[] = [];
  collect(record, '', { found, most });
  return found;
}

function collect(value: unknown, pointer: string, into: { readonly found: string[]; readonly most: number }): void {
  if (into.found.length >= into.most) return;
  if (typeof value === 'string') {
    if (LOOKUP.test(value)) into.found.push(pointer);
  } else if (Array.isArray(value)) value.forEach((item, index) => collect(item, pointerTo(pointer, index), into));
  else if (isMembers(value))
    for (const name of Object.keys(value)) collect(value[name], pointerTo(pointer, name), into);
}
