import type { Component, Finding } from '../contracts/components.js';
import type { ComponentKind } from '../contracts/records.js';
import type { CheckedRecord } from './check/check-record.js';
import { findingOf } from './check/record-check.js';
import { findingKey } from './finding-board.js';

/** Why a unit of a source (a file) could not be read. */
export interface UnitFailure {
  /** Of the folder that it lies in. */
  readonly kind: ComponentKind;
  /** Ends a sentence that begins with the unit's name. */
  readonly message: string;
  /** Where the unit is a file. */
  readonly file?: string;
  readonly line?: number;
}

/** What one unit holds; where it has a failure, what it held before. */
export interface Unit {
  readonly records: readonly CheckedRecord[];
  readonly failure: UnitFailure | null;
}

interface Claim {
  readonly origin: string;
  readonly checked: CheckedRecord;
}
interface Place {
  readonly kind: ComponentKind;
  readonly id: string;
}

const keyOf = (kind: ComponentKind, id: string): string => `${kind}/${id}`;

/** Who claims which id: knows which records a change touches, and whose version of each counts. */
export class Claims {
  private readonly units = new Map<string, Unit>();
  private readonly claims = new Map<string, readonly Claim[]>();
  private readonly touched = new Map<string, Place>();
  private readonly unitFindings = new Map<string, readonly Finding[]>();
  private readonly duplicates = new Map<string, readonly Finding[]>();
  /** Records of all units, faulty ones too. */
  records = 0;

  /** How many records there would be. */
  recordsAfter(change: {
    readonly replaced?: ReadonlyMap<string, readonly CheckedRecord[]>;
    readonly removed?: readonly string[];
  }): number {
    let records = this.records;
    for (const [origin, replaced] of change.replaced ?? []) records += replaced.length - this.sizeOf(origin);
    for (const origin of change.removed ?? []) records -= this.sizeOf(origin);
    return records;
  }

  replace(origin: string, unit: Unit): void {
    const before = this.unitFindings.get(origin) ?? [];
    this.withdraw(origin);
    this.units.set(origin, unit);
    this.records += unit.records.length;
    for (const checked of unit.records) {
      if (checked.id === '') continue;
      const key = this.touch(checked);
      this.claims.set(key, [...(this.claims.get(key) ?? []), { origin, checked }]);
    }
    const found =
      unit.failure === null ? unit.records.flatMap((checked) => checked.findings) : failureFindings(origin, unit);
    const findings = sameWhereEqual(before, found);
    if (findings.length > 0) this.unitFindings.set(origin, findings);
  }

  /**
   * The unit cannot be read: what it held before is claimed on.
   * @param known what it held in a process before, where this one has never read it
   */
  fail(origin: string, failure: UnitFailure, known: readonly CheckedRecord[] = []): void {
    this.replace(origin, { records: this.units.get(origin)?.records ?? known, failure });
  }

  remove(origin: string): void {
    this.withdraw(origin);
    this.units.delete(origin);
  }

  /** Whether a unit holds such a record. */
  has(kind: ComponentKind, id: string): boolean {
    return this.claims.has(keyOf(kind, id));
  }

  takeTouched(): readonly Place[] {
    const places = [...this.touched.values()];
    this.touched.clear();
    return places;
  }

  /** What is in force for an id, given what was. The same object where nothing of it changed. */
  resolve(kind: ComponentKind, id: string, before: Component | undefined): Component | undefined {
    const key = keyOf(kind, id);
    const claims = this.claimsThatCount(key);
    this.duplicates.delete(key);
    const first = claims[0];
    if (first === undefined) return undefined;
    if (claims.length > 1) this.duplicates.set(key, duplicateFindings({ kind, id }, claims));
    const { record, version, active, file, unresolved } = first.checked;
    const unusable = record === null || claims.length > 1 || this.hasFailed(first.origin);
    if (unusable && before !== undefined && before.record !== null) return before;
    const after: Component = {
      kind,
      id,
      version,
      record: unusable ? null : record,
      active,
      ...(file !== undefined && { file }),
      ...(unresolved !== undefined && { stored: unresolved }),
    };
    return before !== undefined && isSame(before, after) ? before : after;
  }

  findings(): readonly Finding[] {
    return [...this.duplicates.values(), ...this.unitFindings.values()].flat();
  }

  /** A record that moved out of a file that cannot be read any more is not there twice. */
  private claimsThatCount(key: string): readonly Claim[] {
    const claims = this.claims.get(key) ?? [];
    if (claims.length < 2) return claims;
    const fresh = claims.filter(({ origin }) => !this.hasFailed(origin));
    return fresh.length > 0 ? fresh : claims.slice(0, 1);
  }

  private hasFailed(origin: string): boolean {
    return (this.units.get(origin)?.failure ?? null) !== null;
  }

  private withdraw(origin: string): void {
    const unit = this.units.get(origin);
    if (unit === undefined) return;
    this.records -= unit.records.length;
    this.unitFindings.delete(origin);
    for (const checked of unit.records) {
      if (checked.id === '') continue;
      const key = this.touch(checked);
      const others = (this.claims.get(key) ?? []).filter((claim) => claim.checked !== checked);
      if (others.length > 0) this.claims.set(key, others);
      else this.claims.delete(key);
    }
  }

  private touch({ kind, id }: CheckedRecord): string {
    const key = keyOf(kind, id);
    this.touched.set(key, { kind, id });
    return key;
  }

  private sizeOf(origin: string): number {
    return this.units.get(origin)?.records.length ?? 0;
  }
}

function isSame(a: Component, b: Component): boolean {
  return (
    a.version === b.version && a.active === b.active && a.file === b.file && (a.record === null) === (b.record === null)
  );
}

/** Findings that stand stay the same objects, so that who compares thousands of them need not read them. */
function sameWhereEqual(before: readonly Finding[], after: readonly Finding[]): readonly Finding[] {
  if (before.length === 0) return after;
  const known = new Map(before.map((finding) => [findingKey(finding), finding]));
  return after.map((finding) => {
    const same = known.get(findingKey(finding));
    return same !== undefined && same.line === finding.line ? same : finding;
  });
}

function failureFindings(origin: string, { records, failure }: Unit): readonly Finding[] {
  if (failure === null) return [];
  const { kind, message, file, line } = failure;
  const held = records.filter(({ id }) => id !== '');
  if (held.length === 0)
    return [findingOf(kind, '', 'fault', { message: `${origin} ${message}. Correct the file.`, file, line })];
  const text = `The file that holds the record ${message}; what was good before stays in force. Correct the file.`;
  return held.map((checked) => findingOf(checked.kind, checked.id, 'fault', { message: text, file, line }));
}

function duplicateFindings({ kind, id }: Place, claims: readonly Claim[]): readonly Finding[] {
  const places = [...new Map(claims.map(({ origin, checked }) => [origin, checked.file]))].sort();
  const names = places.map(([origin]) => origin);
  const where = names.length === 1 ? `more than once in ${names.join('')}` : `in ${names.join(' and ')}`;
  const message = `The ${kind} ${id} stands ${where}; none of them counts. Keep one.`;
  return places.map(([, file]) => findingOf(kind, id, 'fault', { message, file }));
}
