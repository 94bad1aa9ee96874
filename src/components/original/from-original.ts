import type { ComponentKind } from '../../contracts/records.js';
import type { Members } from '../check/members.js';
import type { RecordCheck } from '../check/record-check.js';
import { READERS } from './names.js';
import { type Note, Reading } from './reading.js';

export interface FromOriginal {
  /** The same object where the record is in our form. What did not change is shared with the record that was given. */
  readonly fields: Members;
  /** What was read under another name, as `theirs → ours`. */
  readonly foreign: readonly string[];
  /** What cannot be read as it is meant; pointers are those of our form. */
  readonly notes: readonly Note[];
}

/**
 * A record's fields in our form (spec/original.md). Pure: the record that is given stays as it is. What has a wrong type stays
 * too, for the schema to report.
 */
export function fromOriginal(kind: ComponentKind, fields: Members): FromOriginal {
  const reading = new Reading();
  const read = READERS[kind](fields, reading) as Members;
  return { fields: read, foreign: [...reading.foreign], notes: reading.notes };
}

const MOST_SHOWN = 20;

/** The fields in our form, with one warning for all that was read under other names. */
export function readOriginal(kind: ComponentKind, given: Members, check: RecordCheck): Members {
  const { fields, foreign, notes } = fromOriginal(kind, given);
  if (foreign.length > 0) {
    const more = foreign.length > MOST_SHOWN ? `, and ${foreign.length - MOST_SHOWN} more` : '';
    check.warning(
      '',
      `The record is read from the original's form: ${foreign.slice(0, MOST_SHOWN).join(', ')}${more}. ` +
        'It may stay as it is; pointers of other findings are those of our form.',
    );
  }
  for (const { severity, pointer, message } of notes) check[severity](pointer, message);
  return fields;
}
