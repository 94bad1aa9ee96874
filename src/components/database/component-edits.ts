import type { Finding } from '../../contracts/components.js';
import type { ComponentKind } from '../../contracts/records.js';

/** A record as somebody gives it: in our form or the original's; secrets in clear, as lookups, or as the mask, which keeps what is stored. */
export interface GivenRecord {
  readonly kind: ComponentKind;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EditOptions {
  /** Records that are stored and were not given are deleted. */
  readonly prune?: boolean;
  /** Records of the original are stored in our form. */
  readonly normalize?: boolean;
  /** Only tells what would change. */
  readonly dryRun?: boolean;
}

export interface RecordChange {
  readonly kind: ComponentKind;
  readonly id: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** JSON pointers of what differs; of a changed record only. Never values. */
  readonly pointers: readonly string[];
}

export type EditOutcome =
  /** Nothing was written: faults are to be mended first. */
  | { readonly state: 'refused'; readonly findings: readonly Finding[] }
  | {
      readonly state: 'done';
      readonly changes: readonly RecordChange[];
      readonly unchanged: number;
      /** Warnings. */
      readonly findings: readonly Finding[];
    };

/** The form that `sluice dump` writes and a file directly in a components folder may have. */
export interface DumpedComponents {
  readonly systems: readonly DumpedRecord[];
  readonly channels: readonly DumpedRecord[];
  readonly services: readonly DumpedRecord[];
  readonly tokens: readonly DumpedRecord[];
}
export interface DumpedRecord {
  readonly id: string;
  /** Secrets masked. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Brings records into the database and back (spec/components.md). Throws where the database cannot be asked. */
export interface ComponentEdits {
  /** Checks all records, then writes them in one transaction. */
  apply(records: readonly GivenRecord[], options?: EditOptions): Promise<EditOutcome>;
  dump(): Promise<DumpedComponents>;
  /** Seals everything with secrets.key anew, and forgets the keys before. Answers how many records hold any. */
  reencrypt(): Promise<number>;
}
