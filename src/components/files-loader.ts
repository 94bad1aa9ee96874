import { basename, dirname } from 'node:path';
import { COMPONENT_KINDS } from '../contracts/records.js';
import type { ComponentStore } from './component-store.js';
import { prepareChecks } from './check/record-kinds.js';
import { Agenda } from './files/agenda.js';
import { FolderWatch } from './files/folder-watch.js';
import { KnownFiles } from './files/known-files.js';
import { readFiles } from './files/read-files.js';
import {
  isRecordFile,
  type ListedFile,
  type Listing,
  listedFile,
  scanFolder,
  statOf,
  UnreadableFolder,
} from './files/scan-folder.js';
import type { Log } from './load-log.js';

export interface FilesLoaderOptions {
  readonly folder: string;
  readonly gatewayId: string;
  /** Ms between full looks at the folder, the net under watching; -1 never. */
  readonly refreshMs: number;
  readonly log: Log;
}

/** Without a watch and without an interval a folder that comes late would never be noticed. */
const RETRY_MS = 5000;
const STAYS = 'everything stays in force';

/** Keeps the store in line with a folder of record files (spec/components.md, "Loading"). */
export class FilesLoader {
  private readonly folder: string;
  private readonly known = new KnownFiles();
  private folders: Listing['folders'] = new Map();
  private readonly agenda = new Agenda((paths) => this.load(paths));
  private readonly watch: FolderWatch;
  private readonly stopping = new AbortController();
  private watches = false;

  constructor(
    private readonly store: ComponentStore,
    private readonly options: FilesLoaderOptions,
  ) {
    this.folder = options.folder.replace(/(?<=.)\/+$/, '');
    this.watch = new FolderWatch({ log: options.log, changed: (path) => this.agenda.note(path) });
  }

  /** Begins the first load and goes on watching. */
  start(): void {
    this.watches = true;
    this.agenda.start();
    // The first change after a start finds them ready, even if a worker does the first load.
    void prepareChecks();
    void this.refresh();
  }

  /** Looks at the whole folder; settles when what was found is in force (what is gone goes a moment later). */
  refresh(): Promise<void> {
    return this.agenda.everything();
  }

  /** Settles when a load under way has ended; one that reads is cut off. */
  async stop(): Promise<void> {
    this.watches = false;
    this.stopping.abort();
    await this.agenda.stop();
    this.watch.close();
  }

  /** @param paths where events say that something changed; null: everywhere */
  private async load(paths: ReadonlySet<string> | null): Promise<void> {
    try {
      const listed = (paths === null ? null : await this.listNamed(paths)) ?? (await this.listAll());
      if (listed !== null) await this.takeOver(listed, paths);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.options.log('error', `Loading components failed; ${STAYS}.`, { folder: this.folder, reason });
      await this.store.failLoad(COMPONENT_KINDS, `Loading failed; ${STAYS}. See the log.`, this.folder);
    } finally {
      const never = this.watch.isWatching ? -1 : RETRY_MS;
      this.agenda.wakeIn(this.options.refreshMs === -1 ? never : this.options.refreshMs);
    }
  }

  /** The folder's files with these looked at anew; null where only a look at everything can tell. */
  private async listNamed(paths: ReadonlySet<string>): Promise<ReadonlyMap<string, ListedFile> | null> {
    const listed = new Map<string, ListedFile>(this.known.files);
    for (const path of paths) {
      const stats = await statOf(path);
      const folder = this.folders.get(dirname(path));
      const isSettled = stats === null ? listed.has(path) : stats.isFile();
      if (folder === undefined || !isSettled) return null;
      if (stats === null) listed.delete(path);
      // An event beats the signature: the content is compared.
      else if (isRecordFile(basename(path))) {
        listed.set(path, { ...listedFile(path, folder.kind, stats), signature: `event:${performance.now()}` });
      }
    }
    return listed;
  }

  private async listAll(): Promise<ReadonlyMap<string, ListedFile> | null> {
    try {
      const { files, folders } = await scanFolder(this.folder);
      this.folders = folders;
      if (this.watches && this.watch.follow(folders)) this.agenda.note(this.folder);
      return files;
    } catch (error) {
      if (!(error instanceof UnreadableFolder)) throw error;
      this.watch.close();
      const message = `${error.message}; ${STAYS}.`;
      this.options.log('error', message, {});
      await this.store.failLoad(error.kind === null ? COMPONENT_KINDS : [error.kind], message, error.folder);
      return null;
    }
  }

  private async takeOver(listed: ReadonlyMap<string, ListedFile>, paths: ReadonlySet<string> | null): Promise<void> {
    const startedAt = performance.now();
    const { toRead, removed, missing } = this.known.compare(listed, {
      nowMs: Date.now(),
      rereadsYoung: paths === null,
    });
    const readings = await readFiles(toRead, this.options.gatewayId, this.stopping.signal);
    const gone = readings.ends.filter(({ state }) => state === 'gone').map(({ path }) => path);
    this.agenda.noteLater([...missing, ...gone]);
    const { change, settle } = this.known.changeOf({ listed, readings, removed });
    if (!(await this.store.apply(change))) {
      // What is known and what is there have parted: only a look at everything tells what comes next.
      this.folders = new Map();
      return;
    }
    settle();
    const changed = change.replaced.size + change.failed.size + change.removed.length;
    if (changed === 0) return;
    const ms = Math.round(performance.now() - startedAt);
    const revision = this.store.current()?.revision;
    this.options.log('info', 'Components are loaded.', {
      folder: this.folder,
      files: this.known.files.size,
      changed,
      revision,
      ms,
    });
  }
}
