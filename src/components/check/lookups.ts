import { pointerTo } from '../pointer.js';
import { isMembers } from './members.js';
import type { RecordCheck } from './record-check.js';

const LOOKUP = /[$#]!?\{\{/;

/** Lookups are not resolved yet, and never go out as literal text: a record that holds one is at fault. */
export function reportLookups(record: unknown, recordText: string, check: RecordCheck): void {
  if (LOOKUP.test(recordText)) reportIn(record, '', check);
}

function reportIn(value: unknown, pointer: string, check: RecordCheck): void {
  if (typeof value === 'string') {
    const found = LOOKUP.exec(value);
    if (found === null) return;
    check.fault(
      pointer,
      `The value holds a lookup (${found[0]}…}}), and lookups are not resolved in this release. Write the value itself, or keep the record for a release that resolves it.`,
    );
  } else if (Array.isArray(value)) value.forEach((item, index) => reportIn(item, pointerTo(pointer, index), check));
  else if (isMembers(value))
    for (const name of Object.keys(value)) reportIn(value[name], pointerTo(pointer, name), check);
}
