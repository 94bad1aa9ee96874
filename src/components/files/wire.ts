import type { CheckedRecord, CheckResult } from '../check/check-record.js';
import type { FileOutcome, FileToRead } from './read-record-file.js';

/** What a worker is asked for. */
export interface ReadingOrder {
  readonly files: readonly FileToRead[];
  readonly gatewayId: string;
}

/** A file's outcome after its records, which come before it in batches. */
export type FileEnd =
  Exclude<FileOutcome, { state: 'read' }> | { readonly path: string; readonly state: 'read'; readonly digest: string };

export type WorkerMessage =
  /** A JSON list of records: parsed in one go, faster than a structured clone is taken apart. */
  | { readonly kind: 'records'; readonly path: string; readonly text: string }
  | { readonly kind: 'end'; readonly end: FileEnd };

/** Parsing a batch holds up the event loop for one to two milliseconds. */
const BATCH_LENGTH = 128 * 1024;

/** Records as JSON lists of bounded length; one that is longer goes alone. */
export function* batchesOf(results: readonly CheckResult[]): Iterable<string> {
  let batch: string[] = [];
  let length = 0;
  for (const result of results) {
    const text = textOf(result);
    if (length > 0 && length + text.length > BATCH_LENGTH) {
      yield `[${batch.join(',')}]`;
      batch = [];
      length = 0;
    }
    batch.push(text);
    length += text.length;
  }
  if (batch.length > 0) yield `[${batch.join(',')}]`;
}

function textOf({ checked, text }: CheckResult): string {
  // The record's own text is there already, and by far the longest part.
  const { record: _record, ...rest } = checked;
  return `${JSON.stringify(rest).slice(0, -1)},"record":${text}}`;
}

export function recordsOfBatch(text: string): CheckedRecord[] {
  return JSON.parse(text) as CheckedRecord[];
}
