import { hash } from 'node:crypto';
import type { Finding } from '../../contracts/components.js';
import type { ComponentKind, RecordOf } from '../../contracts/records.js';
import { hasLookup } from '../../lookups/parse-lookup.js';
import { readOriginal } from '../original/from-original.js';
import { isMembers, itemsOf, type Members } from './members.js';
import { findingOf, RecordCheck } from './record-check.js';
import { idProblem, isBranchCopy } from './record-id.js';
import { checkOfKind } from './record-kinds.js';
import { reportSchemaFaults } from './schema-faults.js';

/** A stored record after its check: what a loader gives to the store. */
export interface CheckedRecord {
  readonly kind: ComponentKind;
  /** Empty where the record has no usable id: it is a finding then, and nothing else. */
  readonly id: string;
  /** What may come into force, or null for a record at fault. */
  readonly record: RecordOf[ComponentKind] | null;
  readonly version: string;
  readonly active: boolean;
  /** Where the source keeps it, if that is a file. */
  readonly file?: string;
  readonly findings: readonly Finding[];
  /** The fields as they are stored, where they hold lookups: in our form, not checked further. `resolvedRecord` goes on with them. */
  readonly unresolved?: Members;
  /** 1-based lines of its lookups by their pointers, where the source is a file. */
  readonly lookupLines?: Readonly<Record<string, number>>;
}

/** Who reads a record, and where it stands. */
export interface RecordOrigin {
  readonly gatewayId: string;
  readonly file?: string;
}

export interface CheckResult {
  readonly checked: CheckedRecord;
  /** The record as JSON text, for who sends it on; `null` where there is none. */
  readonly text: string;
}

/**
 * Checks one record in either form, `{id, data}` or flat. Takes the value over: it is changed in place.
 * Null for what is none of ours: a branch's copy.
 */
export function checkRecord(kind: ComponentKind, value: unknown, origin: RecordOrigin): CheckResult | null {
  const form = formOf(value);
  if (form === null)
    return unusable(kind, 'The record is no object with an id. Give it the form {id, data}, or {id, …fields}.');
  const { id } = form;
  if (id === null) return unusable(kind, 'The record has no id. Add one: a text of 1 to 128 printable characters.');
  if (isBranchCopy(id)) return null;
  const check = new RecordCheck(kind, id.slice(0, LONGEST_ID_SHOWN));
  const problem = idProblem(kind, id);
  if (problem !== null) check[problem.severity]('', problem.message);
  const fields = readOriginal(kind, form.fields, check);
  const early = check.findings().slice();
  const isUnreadable = check.broken;
  const { text, hasLookups } = checkedText(kind, fields, check);
  // All that is wrong with it is told, and nothing of it is claimed by an id that nobody can use.
  if (problem?.severity === 'fault') {
    const findings = hasLookups ? early : check.findings();
    return { checked: { kind, id: '', record: null, version: '', active: true, findings }, text: 'null' };
  }
  const shared = {
    kind,
    id,
    version: versionOf(text),
    active: isActive(fields, origin.gatewayId),
    ...(origin.file !== undefined && { file: origin.file }),
  };
  // What a lookup gives decides whether a field is right: what the check says now does not count.
  if (hasLookups) {
    const waiting = { ...shared, record: null, findings: early };
    return { checked: isUnreadable ? waiting : { ...waiting, unresolved: fields }, text: 'null' };
  }
  const record = check.broken ? null : (fields as unknown as RecordOf[ComponentKind]);
  return { checked: { ...shared, record, findings: check.findings() }, text: check.broken ? 'null' : text };
}

/**
 * The record once its lookups are resolved.
 * @param fields a copy of `checked.unresolved` with what the lookups gave; changed in place
 */
export function resolvedRecord(
  checked: CheckedRecord,
  {
    fields,
    problems,
    gatewayId,
  }: {
    readonly fields: Members;
    readonly problems: readonly { readonly pointer: string; readonly message: string }[];
    readonly gatewayId: string;
  },
): CheckedRecord {
  const check = new RecordCheck(checked.kind, checked.id);
  for (const { pointer, message } of problems) check.fault(pointer, message);
  // What a lookup gave may be in the original's form itself: a whole configuration of Redisson or Keycloak.
  const read = problems.length === 0 ? readOriginal(checked.kind, fields, check) : fields;
  const text = problems.length === 0 ? checkedText(checked.kind, read, check).text : '';
  return {
    ...checked,
    record: check.broken ? null : read,
    version: versionOf(`${checked.version} ${text}`),
    active: isActive(read, gatewayId),
    findings: [...checked.findings, ...check.findings().map((found) => placedAt(found, checked))],
  };
}

/** Where the source keeps it; the line of what a lookup is about is known since the file was read. */
function placedAt(found: Finding, { file, lookupLines }: CheckedRecord): Finding {
  if (file === undefined) return found;
  const line = lookupLines?.[found.pointer];
  return { ...found, file, ...(line !== undefined && { line }) };
}

const versionOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22);

const LONGEST_ID_SHOWN = 128;
/** What stands in one record; whoever needs more cuts it into several. */
const LONGEST_RECORD = 1024 * 1024;

function checkedText(
  kind: ComponentKind,
  fields: Members,
  check: RecordCheck,
): { readonly text: string; readonly hasLookups: boolean } {
  try {
    const errors = checkOfKind(kind)(fields, check);
    const text = JSON.stringify(fields);
    if (text.length > LONGEST_RECORD) {
      check.fault(
        '',
        `The record has ${text.length} characters, and the most is ${LONGEST_RECORD}. Cut it into several.`,
      );
      return { text: '', hasLookups: false };
    }
    reportSchemaFaults(errors, check);
    return { text, hasLookups: hasLookup(text) };
  } catch (error) {
    // YAML can tie a record into a knot, and nest it deeper than any stack.
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    check.fault('', 'The record refers to itself, is nested too deeply or is too large. Write it out plainly.');
    return { text: '', hasLookups: false };
  }
}

function formOf(value: unknown): { id: string | null; fields: Members } | null {
  if (!isMembers(value)) return null;
  const { id, ...flat } = value;
  const { id: _inner, ...fields } = isMembers(value['data']) ? value['data'] : flat;
  const written = typeof id === 'number' ? String(id) : id;
  return { id: typeof written === 'string' && written !== '' ? written : null, fields };
}

function unusable(kind: ComponentKind, message: string): CheckResult {
  const finding = findingOf(kind, '', 'fault', { message });
  return { checked: { kind, id: '', record: null, version: '', active: true, findings: [finding] }, text: 'null' };
}

function isActive(fields: Members, gatewayId: string): boolean {
  const status = fields['status'];
  if (status !== undefined && status !== 'ACTIVE' && status !== 'A') return false;
  const gateways = itemsOf(fields['gateways']);
  return gateways.length === 0 || gateways.includes(gatewayId);
}
