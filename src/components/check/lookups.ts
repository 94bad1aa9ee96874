import { hasLookup } from '../../lookups/parse-lookup.js';
import { pointerTo } from '../pointer.js';
import { isMembers } from './members.js';

/** As many as anybody reads. */
const MOST = 50;

/** Pointers of a record's texts that hold lookups; at most 50. */
export function lookupPointers(record: unknown): readonly string[] {
  const found: string[] = [];
  collect(record, '', found);
  return found;
}

function collect(value: unknown, pointer: string, found: string[]): void {
  if (found.length >= MOST) return;
  if (typeof value === 'string') {
    if (hasLookup(value)) found.push(pointer);
  } else if (Array.isArray(value)) value.forEach((item, index) => collect(item, pointerTo(pointer, index), found));
  else if (isMembers(value))
    for (const name of Object.keys(value)) collect(value[name], pointerTo(pointer, name), found);
}
