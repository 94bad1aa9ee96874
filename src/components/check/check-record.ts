import { hash } from 'node:crypto';
import type { Finding } from '../../contracts/components.js';
import type { ComponentKind, RecordOf } from '../../contracts/records.js';
import { readOriginal } from '../original/from-original.js';
import { reportLookups } from './lookups.js';
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
  const check = new RecordCheck(kind, id);
  const problem = idProblem(kind, id);
  if (problem?.severity === 'fault') return unusable(kind, problem.message, id);
  if (problem !== null) check.warning('', problem.message);
  const fields = readOriginal(kind, form.fields, check);
  const text = checkedText(kind, fields, check);
  const checked = {
    kind,
    id,
    record: check.broken ? null : (fields as unknown as RecordOf[ComponentKind]),
    version: hash('sha256', text, 'base64url').slice(0, 22),
    active: isActive(fields, origin.gatewayId),
    findings: check.findings(),
    ...(origin.file !== undefined && { file: origin.file }),
  };
  return { checked, text: check.broken ? 'null' : text };
}

function checkedText(kind: ComponentKind, fields: Members, check: RecordCheck): string {
  try {
    reportSchemaFaults(checkOfKind(kind)(fields, check), check);
    const text = JSON.stringify(fields);
    reportLookups(fields, text, check);
    return text;
  } catch (error) {
    // YAML can tie a record into a knot, and nest it deeper than any stack.
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    check.fault('', 'The record refers to itself, is nested too deeply or is too large. Write it out plainly.');
    return '';
  }
}

function formOf(value: unknown): { id: string | null; fields: Members } | null {
  if (!isMembers(value)) return null;
  const { id, ...flat } = value;
  const { id: _inner, ...fields } = isMembers(value['data']) ? value['data'] : flat;
  const written = typeof id === 'number' ? String(id) : id;
  return { id: typeof written === 'string' && written !== '' ? written : null, fields };
}

function unusable(kind: ComponentKind, message: string, shownId = ''): CheckResult {
  const finding = findingOf(kind, shownId.slice(0, 128), 'fault', { message });
  return { checked: { kind, id: '', record: null, version: '', active: true, findings: [finding] }, text: 'null' };
}

function isActive(fields: Members, gatewayId: string): boolean {
  const status = fields['status'];
  if (status !== undefined && status !== 'ACTIVE' && status !== 'A') return false;
  const gateways = itemsOf(fields['gateways']);
  return gateways.length === 0 || gateways.includes(gatewayId);
}
