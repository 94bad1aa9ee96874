import { resealOtpSecrets } from '../../identity/otp/reseal-otp-secrets.js';
import { resealFamilies } from '../../tokens/ledger/reseal-families.js';
import type { EntityManager } from 'typeorm';
import type { Finding } from '../../contracts/components.js';
import { COMPONENT_KINDS, type ComponentKind } from '../../contracts/records.js';
import type { SecretBox } from '../../secrets/secret-box.js';
import { keepMasked } from '../../secrets/keep-masked.js';
import { holdsSealed, openRecord, sealRecord } from '../../secrets/seal-record.js';
import type { LazyDatabase } from '../../storage/lazy-database.js';
import { checkRecord } from '../check/check-record.js';
import type { Members } from '../check/members.js';
import { findingOf } from '../check/record-check.js';
import { differencesOf } from '../differences.js';
import { maskRecord } from '../mask-record.js';
import { normalized } from '../original/normalized.js';
import type {
  ComponentEdits,
  DumpedComponents,
  DumpedRecord,
  EditOptions,
  EditOutcome,
  GivenRecord,
  RecordChange,
} from './component-edits.js';
import { ForgivingBox } from './forgiving-box.js';
import { type RecordToStore, storedRecords } from './stored-records.js';

export interface DatabaseEditsOptions {
  readonly database: LazyDatabase;
  readonly box: SecretBox;
  readonly gatewayId: string;
}

interface Opened {
  readonly kind: ComponentKind;
  readonly id: string;
  /** Secrets in clear; the mask where one cannot be opened. */
  readonly fields: Members;
  readonly isDamaged: boolean;
}

const keyOf = ({ kind, id }: { readonly kind: string; readonly id: string }): string => `${kind} ${id}`;
/** Writers come one after the other; readers go on. */
const ONE_WRITER = 'LOCK TABLE components IN SHARE ROW EXCLUSIVE MODE';

/** Edits of the components in the database: all or nothing, secrets sealed on their way in and masked on their way out. */
export class DatabaseEdits implements ComponentEdits {
  constructor(private readonly options: DatabaseEditsOptions) {}

  apply(records: readonly GivenRecord[], options: EditOptions = {}): Promise<EditOutcome> {
    return this.options.database.transaction(async (manager) => {
      await manager.query(ONE_WRITER);
      const stored = new Map((await this.opened(manager)).map((record) => [keyOf(record), record]));
      const given = this.given(records, { stored, normalize: options.normalize === true });
      const findings = [...given.findings, ...this.check(given.records)];
      if (findings.some(({ severity }) => severity === 'fault')) return { state: 'refused', findings };
      const changes = changesOf(stored, given.records, options.prune === true);
      if (options.dryRun !== true) await this.write(manager, given.records, changes);
      const unchanged = given.records.length - changes.filter(({ change }) => change !== 'removed').length;
      return { state: 'done', changes, unchanged, findings };
    });
  }

  async dump(): Promise<DumpedComponents> {
    const records = await this.options.database.transaction((manager) => this.opened(manager));
    const of = (kind: ComponentKind): readonly DumpedRecord[] =>
      records
        .filter((record) => record.kind === kind)
        .map(({ id, fields }) => ({ id, data: maskRecord(kind, fields) }));
    return { systems: of('system'), channels: of('channel'), services: of('service'), tokens: of('token') };
  }

  reencrypt(): Promise<number> {
    return this.options.database.transaction(async (manager) => {
      await manager.query(ONE_WRITER);
      const records = await this.opened(manager);
      const damaged = records.filter(({ isDamaged }) => isDamaged).map(({ kind, id }) => `${kind} ${id}`);
      if (damaged.length > 0) {
        throw new Error(
          `Nothing was written: secrets of ${damaged.join(', ')} cannot be opened. Write or delete these records first.`,
        );
      }
      const sealed = records.map((record) => this.sealed(record));
      await storedRecords.write(manager, sealed);
      await resealFamilies(manager, this.options.box);
      await resealOtpSecrets(manager, this.options.box);
      await manager.query('DELETE FROM encryption_keys WHERE fingerprint <> $1', [this.options.box.fingerprint]);
      return sealed.filter(({ fields }) => holdsSealed(fields, this.options.box)).length;
    });
  }

  private async opened(manager: EntityManager): Promise<readonly Opened[]> {
    const opened: Opened[] = [];
    for await (const batch of storedRecords.read(manager, await storedRecords.list(manager))) {
      for (const { kind, id, text } of batch) {
        opened.push({ kind, id, ...this.open(kind, id, JSON.parse(text) as Members) });
      }
    }
    return opened;
  }

  /** What is damaged in one record must keep nobody from writing it anew, or from writing others. */
  private open(kind: ComponentKind, id: string, fields: Members): Pick<Opened, 'fields' | 'isDamaged'> {
    const box = new ForgivingBox(this.options.box);
    const opened = openRecord(kind, id, fields, box) as Members;
    return { fields: opened, isDamaged: box.hasForgiven };
  }

  /** What is to be stored: masks give way to what is stored, and the original's form to ours where that is asked for. */
  private given(
    records: readonly GivenRecord[],
    { stored, normalize }: { readonly stored: ReadonlyMap<string, Opened>; readonly normalize: boolean },
  ): { readonly records: readonly Opened[]; readonly findings: readonly Finding[] } {
    const findings: Finding[] = [];
    const given = new Map<string, Opened>();
    for (const { kind, id, data } of records) {
      const key = keyOf({ kind, id });
      if (given.has(key)) {
        findings.push(
          findingOf(kind, id, 'fault', { message: `The ${kind} ${id} was given more than once. Keep one.` }),
        );
      }
      const form = (fields: Members): Members => (normalize ? normalized(kind, fields) : fields);
      const before = stored.get(key);
      const { fields, problems } = keepMasked(kind, form(data), before === undefined ? null : form(before.fields));
      for (const { pointer, message } of problems) findings.push(findingOf(kind, id, 'fault', { pointer, message }));
      given.set(key, { kind, id, fields: fields, isDamaged: false });
    }
    return { records: [...given.values()], findings };
  }

  private check(records: readonly Opened[]): readonly Finding[] {
    return records.flatMap(({ kind, id, fields }) => {
      // The check changes what it is given.
      const result = checkRecord(kind, { id, data: structuredClone(fields) }, { gatewayId: this.options.gatewayId });
      return result?.checked.findings ?? [];
    });
  }

  private async write(
    manager: EntityManager,
    records: readonly Opened[],
    changes: readonly RecordChange[],
  ): Promise<void> {
    const written = new Set(changes.filter(({ change }) => change !== 'removed').map(keyOf));
    await storedRecords.write(
      manager,
      records.filter((record) => written.has(keyOf(record))).map((record) => this.sealed(record)),
    );
    await storedRecords.remove(
      manager,
      changes.filter(({ change }) => change === 'removed'),
    );
  }

  private sealed({ kind, id, fields }: Opened): RecordToStore {
    return { kind, id, fields: sealRecord(kind, id, fields, this.options.box) };
  }
}

function changesOf(
  stored: ReadonlyMap<string, Opened>,
  given: readonly Opened[],
  prunes: boolean,
): readonly RecordChange[] {
  const changes: RecordChange[] = [];
  for (const { kind, id, fields } of given) {
    const before = stored.get(keyOf({ kind, id }));
    if (before === undefined) changes.push({ kind, id, change: 'added', pointers: [] });
    else {
      const pointers = differencesOf(before.fields, fields);
      if (pointers.length > 0) changes.push({ kind, id, change: 'changed', pointers });
    }
  }
  if (prunes) {
    const kept = new Set(given.map(keyOf));
    for (const [key, { kind, id }] of stored) {
      if (!kept.has(key)) changes.push({ kind, id, change: 'removed', pointers: [] });
    }
  }
  const order = (kind: ComponentKind): number => COMPONENT_KINDS.indexOf(kind);
  return changes.sort((a, b) => order(a.kind) - order(b.kind) || (a.id < b.id ? -1 : 1));
}
