import type { GivenRecord } from '../components/database/component-edits.js';
import { type CheckedRecord, checkRecord } from '../components/check/check-record.js';
import { isMembers, type Members } from '../components/check/members.js';
import {
  KIND_BY_PLURAL,
  type ParsedFile,
  parseFile,
  recordsOf,
  UnreadableFile,
  type WrittenRecord,
} from '../components/files/record-file.js';
import { withLookups } from '../components/unresolved-stage.js';
import type { Finding } from '../contracts/components.js';
import type { ComponentKind } from '../contracts/records.js';

/** One file of records, or what was piped in: as it is written, and as it was checked. */
export interface GivenFile {
  /** Absolute; null for standard input. */
  readonly path: string | null;
  /** Of the folder that it lies in. */
  readonly kind: ComponentKind | null;
  /** Of what passed its check. */
  readonly records: readonly GivenRecord[];
  readonly checked: readonly CheckedRecord[];
  /** Why the file as a whole cannot be used; ends a sentence that begins with its name. */
  readonly failure: { readonly message: string; readonly line?: number } | null;
}

interface FilePlace {
  readonly path: string | null;
  readonly kind: ComponentKind | null;
  readonly gatewayId: string;
  /** Unset for text that may be either. */
  readonly isJson?: boolean;
  /** `{systems: [...], …}` counts as such, wherever the file lies. */
  readonly mayHoldKinds?: boolean;
}

/** Checks must be prepared. */
export function givenFile(bytes: Buffer, place: FilePlace): GivenFile {
  try {
    const parsed = parsedText(utf8(bytes), place.isJson);
    const kind = place.mayHoldKinds === true && holdsKinds(parsed.value) ? null : place.kind;
    return { path: place.path, kind, failure: null, ...checkedFile(parsed, recordsOf(parsed.value, kind), place) };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return failedFile(place, error.message, error.line);
  }
}

export function failedFile(
  { path, kind }: Pick<FilePlace, 'path' | 'kind'>,
  message: string,
  line?: number,
): GivenFile {
  const failure = { message, ...(line !== undefined && { line }) };
  return { path, kind, records: [], checked: [], failure };
}

const holdsKinds = (value: unknown): boolean =>
  isMembers(value) && value['id'] === undefined && Object.keys(value).some((name) => KIND_BY_PLURAL.has(name));

function parsedText(text: string, isJson: boolean | undefined): ParsedFile {
  if (isJson !== undefined) return parseFile(text, isJson);
  try {
    return parseFile(text, true);
  } catch {
    return parseFile(text, false);
  }
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableFile('is not UTF-8');
  }
}

function checkedFile(
  parsed: ParsedFile,
  written: readonly WrittenRecord[],
  { path, gatewayId }: FilePlace,
): Pick<GivenFile, 'records' | 'checked'> {
  const records: GivenRecord[] = [];
  const checked: CheckedRecord[] = [];
  for (const { kind, value, at } of written) {
    const asWritten = copyOf(value);
    const result = checkRecord(kind, value, { gatewayId, ...(path !== null && { file: path }) });
    // A branch's copy is none of ours.
    if (result === null) continue;
    const found = withLookups(result.checked, gatewayId);
    const fieldsAt = isMembers(asWritten) && isMembers(asWritten['data']) ? `${at}/data` : at;
    checked.push({ ...found, findings: placed(found.findings, { parsed, at, fieldsAt, path }) });
    if (found.id !== '' && isMembers(asWritten)) records.push({ kind, id: found.id, data: fieldsOf(asWritten) });
  }
  return { records, checked };
}

/** The check changes what it is given. What is tied into a knot, or nested without end, it refuses. */
function copyOf(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return null;
  }
}

function fieldsOf({ id: _id, ...flat }: Members): Members {
  if (!isMembers(flat['data'])) return flat;
  const { id: _inner, ...fields } = flat['data'];
  return fields;
}

interface RecordPlace {
  readonly parsed: ParsedFile;
  readonly at: string;
  readonly fieldsAt: string;
  readonly path: string | null;
}

function placed(findings: readonly Finding[], { parsed, at, fieldsAt, path }: RecordPlace): readonly Finding[] {
  const faults = findings.filter(({ severity }) => severity === 'fault');
  if (faults.length === 0) return findings.map((finding) => ({ ...finding, ...(path !== null && { file: path }) }));
  const lines = parsed.lines(findings.map(({ pointer }) => (pointer === '' ? at : `${fieldsAt}${pointer}`)));
  return findings.map((finding, index) => ({ ...finding, file: path ?? 'standard input', line: lines[index]! }));
}
