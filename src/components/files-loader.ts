import { basename, dirname } from 'node:path';
import { COMPONENT_KINDS } from '../contracts/records.js';
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
import type { Loader, RecordSink } from './loader.js';

export interface FilesLoaderOptions {
  readonly folder: string;
  readonly gatewayId: string;
  /** Ms between full looks at the folder, the net under watching; -1 never. */
  readonly refreshMs: number;
  readonly log: Log;
}

/** Without an interval, a folder that cannot be read or watched would never be noticed again. */
const RETRY_MS = 5000;
const STAYS = 'everything stays in force';

interface Look {
  readonly acceptEmpty: boolean;
}

/** Keeps a sink in line with a folder of record files (spec/components.md, "Loading"). */
export class FilesLoader implements Loader {
  private readonly folder: string;
  private readonly known = new KnownFiles();
  private folders: Listing['folders'] = new Map();
  private readonly agenda = new Agenda((paths, options) => this.load(paths, options));
  private readonly watch: FolderWatch;
  private readonly stopping = new AbortController();
  private watches = false;

  constructor(
    private readonly sink: RecordSink,
    private readonly options: FilesLoaderOptions,
  ) {
    this.folder = options.folder.replace(/(?<=.)\/+$/, '');
    this.watch = new FolderWatch({
      root: this.folder,
      log: options.log,
      changed: (path) => this.agenda.note(path),
    });
  }

  /** Begins the first load and goes on watching. */
  start(): void {
    this.watches = true;
    this.agenda.start();
    // The first change after a start finds them ready, even if a worker does the first load.
    void prepareChecks();
    void this.refresh();
  }

  /** Looks at the whole folder; settles when what was found is in force (what is gone goes a moment later, or is accepted). */
  refresh(options: { readonly acceptEmpty?: boolean } = {}): Promise<void> {
    return this.agenda.everything(options);
  }

  /** Settles when a load under way has ended; one that reads is cut off. */
  async stop(): Promise<void> {
    this.watches = false;
    this.stopping.abort();
    await this.agenda.stop();
    this.watch.close();
  }

  /** @param paths where events say that something changed; null: everywhere */
  private async load(paths: ReadonlySet<string> | null, { acceptEmpty }: Look): Promise<void> {
    let isBlind = false;
    try {
      const listed = (paths === null ? null : await this.listNamed(paths)) ?? (await this.listAll());
      isBlind = listed === null;
      if (listed !== null) await this.takeOver(listed, { isFull: paths === null, acceptEmpty });
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.options.log('error', `Loading components failed; ${STAYS}.`, { folder: this.folder, reason });
      await this.sink.failLoad(COMPONENT_KINDS, `Loading failed; ${STAYS}. See the log.`, this.folder);
    } finally {
      const never = this.watch.isWatching && !isBlind ? -1 : RETRY_MS;
      this.agenda.wakeIn(this.options.refreshMs === -1 ? never : this.options.refreshMs);
    }
  }

  /** The folder's files with these looked at anew; null where only a look at everything can tell. */
  private async listNamed(paths: ReadonlySet<string>): Promise<ReadonlyMap<string, ListedFile> | null> {
    const listed = new Map<string, ListedFile>(this.known.files);
    for (const path of paths) {
      const name = basename(path);
      // Behind such names lie the folders of a Kubernetes volume: all its files change as one link does.
      if (name.startsWith('..')) return null;
      const folder = this.folders.get(dirname(path));
      if (folder === undefined || path === this.folder) return null;
      if (name.startsWith('.')) continue;
      const stats = await statOf(path);
      // A watched folder that is removed tells of itself by its own name.
      const isGone = stats === null && !this.folders.has(path) && name !== basename(dirname(path));
      const isSettled = isGone || stats?.isFile() === true;
      if (!isSettled) return null;
      if (stats === null) listed.delete(path);
      // An event beats the signature: the content is compared.
      else if (isRecordFile(name)) {
        listed.set(path, { ...listedFile(path, folder.kind, stats), signature: `event:${performance.now()}` });
      }
    }
    return listed;
  }

  private async listAll(): Promise<ReadonlyMap<string, ListedFile> | null> {
    if (this.watches) await this.watch.followRoot();
    try {
      const { files, folders } = await scanFolder(this.folder);
      this.folders = folders;
      if (this.watches && this.watch.follow(folders)) this.agenda.note(this.folder);
      return files;
    } catch (error) {
      if (!(error instanceof UnreadableFolder)) throw error;
      // A folder that was moved away would go on telling of itself.
      if (error.folder === this.folder) this.watch.follow(new Map());
      this.folders = new Map();
      const message = `${error.message}; ${STAYS}.`;
      this.options.log('error', message, {});
      await this.sink.failLoad(error.kind === null ? COMPONENT_KINDS : [error.kind], message, error.folder);
      return null;
    }
  }

  private async takeOver(
    listed: ReadonlyMap<string, ListedFile>,
    { isFull, acceptEmpty }: Look & { readonly isFull: boolean },
  ): Promise<void> {
    const startedAt = performance.now();
    const { toRead, removed, missing } = this.known.compare(listed, {
      nowMs: Date.now(),
      rereadsYoung: isFull,
      believesGone: acceptEmpty,
    });
    const readings = await readFiles(toRead, this.options.gatewayId, this.stopping.signal);
    const gone = readings.ends.filter(({ state }) => state === 'gone').map(({ path }) => path);
    const { change, unsure, settle } = this.known.changeOf({ listed, readings, removed, believesAll: isFull });
    this.agenda.noteLater([...missing, ...gone, ...unsure]);
    if (!(await this.sink.apply(change, { full: isFull, acceptEmpty }))) {
      // What is known and what is there have parted: only a look at everything tells what comes next.
      this.folders = new Map();
      return;
    }
    settle();
    const changed = change.replaced.size + change.failed.size + change.removed.length;
    if (changed === 0) return;
    const ms = Math.round(performance.now() - startedAt);
    const revision = this.sink.current()?.revision;
    this.options.log('info', 'Components are loaded.', {
      folder: this.folder,
      files: this.known.files.size,
      changed,
      revision,
      ms,
    });
  }
}
