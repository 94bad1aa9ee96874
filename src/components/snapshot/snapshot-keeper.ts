import { dirname } from 'node:path';
import type { Component, ComponentMap, ComponentSet } from '../../contracts/components.js';
import { COMPONENT_KINDS, type ComponentKind } from '../../contracts/records.js';
import type { SecretBox } from '../../secrets/secret-box.js';
import { makeFolder } from '../../process/make-folder.js';
import { FolderLock } from '../../storage/embedded/folder-lock.js';
import type { Log } from '../load-log.js';
import { writeSnapshot } from './snapshot-file.js';
import { writeFailure } from './write-failure.js';

export interface SnapshotKeeperOptions {
  readonly path: string;
  readonly gatewayId: string;
  readonly box: SecretBox;
  readonly log: Log;
  /** At least so long from the end of one write to the next. */
  readonly everyMs?: number;
  /** When a write that failed is tried again, where no other set comes before. */
  readonly retryMs?: number;
}

/**
 * Keeps the newest good set on disk. One write at a time; of sets that come meanwhile only the last is written. Of several processes
 * with one path the first to write keeps it, and the others tell so, until it has ended.
 */
export class SnapshotKeeper {
  /** When the set that lies on disk was written by this process. */
  lastSavedAt: Date | null = null;
  /** Why the newest set is not on disk, in words for people. */
  problem: string | null = null;

  private readonly everyMs: number;
  private readonly retryMs: number;
  private due: ComponentSet | null = null;
  private written: ComponentSet | null = null;
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  /** By the clock of `performance`, which nobody sets back. */
  private notBefore = 0;
  private isStopped = false;
  private lock: FolderLock | null = null;

  constructor(private readonly options: SnapshotKeeperOptions) {
    this.everyMs = options.everyMs ?? 5_000;
    this.retryMs = options.retryMs ?? 60_000;
  }

  /** For each set that a good load gave. Returns at once; after `stop` it does nothing. */
  keep(set: ComponentSet): void {
    if (this.isStopped) return;
    this.due = set;
    if (this.writing === null) this.writeIn(this.notBefore - performance.now());
  }

  /** Settles when what was due has been written, or could not be. */
  async flush(): Promise<void> {
    await this.writing;
    await this.write();
  }

  /** Writes what is due, and nothing from then on. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.flush();
    this.lock?.release();
    this.lock = null;
  }

  private writeIn(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (ms <= 0) void this.write();
    else this.timer = setTimeout(() => void this.write(), ms).unref();
  }

  private write(): Promise<void> {
    this.writing ??= this.writeDue().then((nextInMs) => {
      this.writing = null;
      if (nextInMs !== null && !this.isStopped) this.writeIn(nextInMs);
    });
    return this.writing;
  }

  /** Answers when to write again, or null where nothing is due. */
  private async writeDue(): Promise<number | null> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const set = this.due;
    this.due = null;
    if (set === null) return null;
    const isFailed = !(this.written !== null && isSame(this.written, set)) && !(await this.tryToWrite(set));
    if (!isFailed) this.resolved();
    if (this.due !== null) return this.notBefore - performance.now();
    if (!isFailed) return null;
    this.due = set;
    return this.retryMs;
  }

  private async tryToWrite(set: ComponentSet): Promise<boolean> {
    const { path, gatewayId, box, log } = this.options;
    const savedAt = new Date();
    try {
      await this.hold(path);
      await writeSnapshot(path, { gatewayId, savedAt, components: componentsOf(set) }, box);
      this.written = set;
      this.lastSavedAt = savedAt;
      log('debug', 'The snapshot of components is written.', { path, revision: set.revision });
      return true;
    } catch (error) {
      const { code, problem } = writeFailure(path, error);
      // Once while it lasts: a full disk must not fill the log too.
      if (problem !== this.problem) log('warn', problem, { path, code });
      this.problem = problem;
      return false;
    } finally {
      this.notBefore = performance.now() + this.everyMs;
    }
  }

  /** @throws FolderInUse */
  private async hold(path: string): Promise<void> {
    if (this.lock !== null) return;
    await makeFolder(dirname(path));
    this.lock = FolderLock.take(path);
  }

  private resolved(): void {
    if (this.problem === null) return;
    this.problem = null;
    this.options.log('info', 'The snapshot of components is up to date again.', { path: this.options.path });
  }
}

const componentsOf = ({ records }: ComponentSet): Component[] =>
  COMPONENT_KINDS.flatMap((kind): Component[] => [...records[kind].values()]);

/** Whether both would make the same file, but for its moment. */
function isSame(a: ComponentSet, b: ComponentSet): boolean {
  return COMPONENT_KINDS.every((kind) => isSameMap(a.records[kind], b.records[kind]));
}

function isSameMap(a: ComponentMap<ComponentKind>, b: ComponentMap<ComponentKind>): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [id, after] of b) {
    const before = a.get(id);
    if (before === undefined || (before !== after && !isSameComponent(before, after))) return false;
  }
  return true;
}

const isSameComponent = (a: Component, b: Component): boolean =>
  a.version === b.version && a.active === b.active && (a.record === null) === (b.record === null);
