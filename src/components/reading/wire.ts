import type { CheckedRecord, CheckResult } from '../check/check-record.js';
import type { FileOutcome, FileToRead } from '../files/read-record-file.js';
import type { PageOutcome, PageToRead } from '../rest/read-page.js';

/** What a reading thread is asked for: files of a folder, or one page of a REST source. */
export type ReadingOrder =
  | { readonly files: readonly FileToRead[]; readonly gatewayId: string }
  | { readonly page: PageToRead; readonly gatewayId: string };

/** A file's outcome after its records, which come before it in batches. */
export type FileEnd =
  Exclude<FileOutcome, { state: 'read' }> | { readonly path: string; readonly state: 'read'; readonly digest: string };

/** The same of a page. */
export type PageEnd =
  | Exclude<PageOutcome, { state: 'read' }>
  | { readonly state: 'read'; readonly length: number; readonly firstIds: string };

export type ThreadMessage =
  /** A JSON list of records: parsed in one go, faster than a structured clone is taken apart. */
  | { readonly kind: 'records'; readonly unit: string; readonly text: string }
  | { readonly kind: 'file'; readonly end: FileEnd }
  | { readonly kind: 'page'; readonly end: PageEnd }
  /** The order is carried out. */
  | { readonly kind: 'done' };

/** The main thread has taken a message; the next may come. */
export const TAKEN = 'taken';

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
