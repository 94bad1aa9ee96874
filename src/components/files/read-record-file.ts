import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Finding } from '../../contracts/components.js';
import type { ComponentKind } from '../../contracts/records.js';
import { Slices } from '../breathe.js';
import { type CheckResult, checkRecord } from '../check/check-record.js';
import { lookupPointers } from '../check/lookups.js';
import { isMembers } from '../check/members.js';
import { type ParsedFile, parseFile, recordsOf, UnreadableFile } from './record-file.js';

/** A file that may have to be read. */
export interface FileToRead {
  readonly path: string;
  /** Of its folder; null for a file that holds several kinds. */
  readonly kind: ComponentKind | null;
  readonly size: number;
  /** Digest of what was read last, or null. */
  readonly digest: string | null;
}

export type FileOutcome =
  | { readonly path: string; readonly state: 'same' }
  | { readonly path: string; readonly state: 'gone' }
  | {
      readonly path: string;
      readonly state: 'failed';
      readonly digest: string | null;
      readonly message: string;
      readonly line?: number;
    }
  | {
      readonly path: string;
      readonly state: 'read';
      readonly digest: string;
      readonly records: readonly CheckResult[];
    };

const MOST_BYTES = 64 * 1024 * 1024;
/** Refuses what is no UTF-8 rather than guess, and drops a byte order mark. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads, parses and checks one file, in slices. Everything that is wrong is an outcome, nothing is thrown for it. */
export async function readRecordFile(file: FileToRead, gatewayId: string, slices: Slices): Promise<FileOutcome> {
  const { path } = file;
  if (file.size > MOST_BYTES) return { path, state: 'failed', digest: null, message: 'is larger than 64 MiB' };
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    return code === 'ENOENT'
      ? { path, state: 'gone' }
      : { path, state: 'failed', digest: null, message: `cannot be read (${code})` };
  }
  const digest = hash('sha256', bytes, 'base64url');
  if (digest === file.digest) return { path, state: 'same' };
  try {
    const parsed = parseFile(textOf(bytes), extname(path).toLowerCase() === '.json');
    return { path, state: 'read', digest, records: await checkedRecords(parsed, { file, gatewayId, slices }) };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return {
      path,
      state: 'failed',
      digest,
      message: error.message,
      ...(error.line !== undefined && { line: error.line }),
    };
  }
}

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new UnreadableFile('is not UTF-8');
  }
}

interface Reading {
  readonly file: FileToRead;
  readonly gatewayId: string;
  readonly slices: Slices;
}

async function checkedRecords(
  parsed: ParsedFile,
  { file, gatewayId, slices }: Reading,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const places: FindingPlace[] = [];
  for (const { kind, value, at } of recordsOf(parsed.value, file.kind)) {
    const fieldsAt = isMembers(value) && isMembers(value['data']) ? `${at}/data` : at;
    const result = checkRecord(kind, value, { gatewayId, file: file.path });
    if (slices.due()) await slices.pause();
    if (result === null) continue;
    for (const finding of result.checked.findings) {
      places.push({ finding, at: finding.pointer === '' ? at : `${fieldsAt}${finding.pointer}` });
    }
    results.push(withLookupLines(result, parsed, fieldsAt));
  }
  return places.length === 0 ? results : placed(results, { file: file.path, lines: linesOf(parsed, places) });
}

/** What a lookup gives is known later; where it stands is known now. */
function withLookupLines(result: CheckResult, parsed: ParsedFile, fieldsAt: string): CheckResult {
  const { unresolved } = result.checked;
  if (unresolved === undefined) return result;
  const pointers = lookupPointers(unresolved);
  const lines = parsed.lines(pointers.map((pointer) => `${fieldsAt}${pointer}`));
  const lookupLines = Object.fromEntries(pointers.map((pointer, index) => [pointer, lines[index]!]));
  return { ...result, checked: { ...result.checked, lookupLines } };
}

interface FindingPlace {
  readonly finding: Finding;
  readonly at: string;
}

/** Faults are few, and people go there; thousands of warnings would cost more to place than all the rest of the load. */
function linesOf(parsed: ParsedFile, places: readonly FindingPlace[]): ReadonlyMap<Finding, number> {
  const faults = places.filter(({ finding }) => finding.severity === 'fault');
  if (faults.length === 0) return new Map();
  const lines = parsed.lines(faults.map(({ at }) => at));
  return new Map(faults.map(({ finding }, index) => [finding, lines[index]!]));
}

function placed(
  results: readonly CheckResult[],
  { file, lines }: { readonly file: string; readonly lines: ReadonlyMap<Finding, number> },
): readonly CheckResult[] {
  return results.map((result) => {
    if (result.checked.findings.length === 0) return result;
    const findings = result.checked.findings.map((finding) => {
      const line = lines.get(finding);
      return { ...finding, file, ...(line !== undefined && { line }) };
    });
    return { ...result, checked: { ...result.checked, findings } };
  });
}
