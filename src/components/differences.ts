import { isMembers } from './check/members.js';
import { pointerTo } from './pointer.js';

/** More than anybody reads. */
const MOST = 50;

/** JSON pointers of what differs between two JSON values; the whole value where one has another type. At most 50. */
export function differencesOf(before: unknown, after: unknown): readonly string[] {
  const found: string[] = [];
  compare(before, after, '', found);
  return found;
}

function compare(before: unknown, after: unknown, pointer: string, found: string[]): void {
  if (found.length >= MOST || before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      compare(before[index], after[index], pointerTo(pointer, index), found);
  } else if (isMembers(before) && isMembers(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(before[name], after[name], pointerTo(pointer, name), found);
  } else found.push(pointer);
}
