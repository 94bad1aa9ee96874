import { COMPONENT_KINDS } from '../../contracts/records.js';
import type { CheckedRecord } from '../check/check-record.js';
import type { UnitFailure } from '../claims.js';
import type { FileEnd } from '../reading/wire.js';
import type { Readings } from './read-files.js';
import type { FileToRead } from './read-record-file.js';
import type { ListedFile } from './scan-folder.js';

interface KnownFile extends ListedFile {
  readonly digest: string | null;
  /** Records that it held when it was good. */
  readonly records: number;
  readonly readAtMs: number;
}

export interface FilesChange {
  readonly replaced: ReadonlyMap<string, readonly CheckedRecord[]>;
  readonly failed: ReadonlyMap<string, UnitFailure>;
  readonly removed: readonly string[];
}

/** A second write within a file system's tick leaves the signature as it was: what was read so young is read once more. */
const YOUNG_MS = 2000;
/**
 * Editors take a file away and put another in its place, or write it in steps: that it is gone, cannot be parsed or holds less
 * than before is believed only after this.
 */
export const GONE_AFTER_MS = 100;

/** The files that the store has, as they were when they were read. */
export class KnownFiles {
  files: ReadonlyMap<string, KnownFile> = new Map();
  private readonly missingSince = new Map<string, number>();
  private readonly doubtfulSince = new Map<string, number>();

  /** What has to be read, what is gone, and what seems to be gone. */
  compare(
    listed: ReadonlyMap<string, ListedFile>,
    options: { readonly nowMs: number; readonly rereadsYoung: boolean; readonly believesGone: boolean },
  ): {
    readonly toRead: readonly FileToRead[];
    readonly removed: readonly string[];
    readonly missing: readonly string[];
  } {
    const { nowMs, rereadsYoung, believesGone } = options;
    const toRead: FileToRead[] = [];
    let isReplaced = believesGone;
    for (const file of listed.values()) {
      this.missingSince.delete(file.path);
      const known = this.files.get(file.path);
      if (known === undefined) isReplaced = true;
      if (known !== undefined && known.signature === file.signature && !(rereadsYoung && wasYoung(known, nowMs)))
        continue;
      toRead.push({ path: file.path, kind: file.kind, size: file.size, digest: known?.digest ?? null });
    }
    const removed: string[] = [];
    const missing: string[] = [];
    for (const path of this.files.keys()) {
      if (listed.has(path)) continue;
      const since = this.missingSince.get(path) ?? nowMs;
      this.missingSince.set(path, since);
      // A file that came as another went is a rename: both at once, or its records would be there twice.
      if (isReplaced || nowMs - since >= GONE_AFTER_MS || nowMs < since) removed.push(path);
      else missing.push(path);
    }
    return { toRead, removed, missing };
  }

  /** What the sink has to take over, and what may be half written; `settle` remembers the change as done. */
  changeOf(look: {
    readonly listed: ReadonlyMap<string, ListedFile>;
    readonly readings: Readings;
    readonly removed: readonly string[];
    readonly believesAll: boolean;
  }): { readonly change: FilesChange; readonly unsure: readonly string[]; readonly settle: () => void } {
    const { listed, readings, removed, believesAll } = look;
    const replaced = new Map(readings.records);
    const unsure: string[] = [];
    const failed = new Map<string, UnitFailure>();
    const files = new Map<string, KnownFile>(this.files);
    for (const end of readings.ends) {
      const file = listed.get(end.path);
      // Gone between the look and the read: the next look tells.
      if (file === undefined || end.state === 'gone') continue;
      const before = files.get(end.path);
      const records = replaced.get(end.path)?.length ?? before?.records ?? 0;
      if (!believesAll && this.isUnsure(end, { records, before })) {
        unsure.push(end.path);
        replaced.delete(end.path);
        continue;
      }
      this.doubtfulSince.delete(end.path);
      const digest = end.state === 'same' ? (before?.digest ?? null) : end.digest;
      files.set(end.path, { ...file, digest, records, readAtMs: Date.now() });
      if (end.state === 'failed') failed.set(end.path, failureOf(end, file));
    }
    for (const path of removed) files.delete(path);
    const settle = (): void => {
      this.files = files;
      for (const path of removed) this.missingSince.delete(path);
      for (const path of this.doubtfulSince.keys()) if (!listed.has(path)) this.doubtfulSince.delete(path);
    };
    return { change: { replaced, failed, removed }, unsure, settle };
  }

  /** It may be in the middle of being written. */
  private isUnsure(
    end: FileEnd,
    { records, before }: { readonly records: number; readonly before: KnownFile | undefined },
  ): boolean {
    const isWorse = end.state === 'failed' || (end.state === 'read' && records < (before?.records ?? 0));
    if (!isWorse) return false;
    const since = this.doubtfulSince.get(end.path) ?? performance.now();
    this.doubtfulSince.set(end.path, since);
    return performance.now() - since < GONE_AFTER_MS;
  }
}

function wasYoung({ readAtMs, modifiedMs }: KnownFile, nowMs: number): boolean {
  return readAtMs - modifiedMs < YOUNG_MS && nowMs - modifiedMs >= YOUNG_MS;
}

function failureOf(
  { message, line }: { readonly message: string; readonly line?: number },
  file: ListedFile,
): UnitFailure {
  return { kind: file.kind ?? COMPONENT_KINDS[0], message, file: file.path, ...(line !== undefined && { line }) };
}
