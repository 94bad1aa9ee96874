import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import type { Log } from '../load-log.js';
import { anchorsOf } from './anchors.js';
import type { Listing } from './scan-folder.js';

export interface FolderWatchOptions {
  readonly root: string;
  /** Called with the path that an event names; with the root where it may lead elsewhere now. */
  readonly changed: (path: string) => void;
  readonly log: Log;
}

interface Wanted {
  readonly identity: string;
  readonly heard: (name: string | null) => void;
  /** Changes where the same folder is watched for something else. */
  readonly purpose: string;
}

interface Watched extends Wanted {
  readonly watcher: FSWatcher;
}

/** What is missing may come piece by piece while the watches are set up. */
const MOST_ROUNDS = 40;

/**
 * Watches each folder by itself: Node's recursive watching on Linux walks the whole tree synchronously and takes a watch for
 * every file. The folders around the root are watched for the names that lead to it. Changes behind a link inside the folder
 * are not seen, only those of the link; the refresh interval is the net under that.
 */
export class FolderWatch {
  private readonly folders = new Map<string, Watched>();
  private readonly anchors = new Map<string, Watched>();
  private hasComplained = false;

  constructor(private readonly options: FolderWatchOptions) {}

  get isWatching(): boolean {
    return this.folders.size + this.anchors.size > 0;
  }

  /** Follows the folders as they are now. True where one is new: what changed before it was watched is not known. */
  follow(folders: Listing['folders']): boolean {
    const wanted = new Map<string, Wanted>();
    for (const [path, { identity }] of folders) {
      const heard = (name: string | null): void => this.options.changed(name === null ? path : join(path, name));
      wanted.set(path, { identity, heard, purpose: '' });
    }
    return this.bring(this.folders, wanted);
  }

  /** Follows what leads to the root as it is now. To be called before a look at the root: what comes later is heard. */
  async followRoot(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const wanted = new Map<string, Wanted>();
      for (const [path, { identity, names }] of await anchorsOf(this.options.root)) {
        const heard = (name: string | null): void => {
          // The last: the folder itself was moved or removed.
          if (name === null || names.has(name) || name === basename(path)) this.options.changed(this.options.root);
        };
        wanted.set(path, { identity, heard, purpose: [...names].join('/') });
      }
      if (!this.bring(this.anchors, wanted)) return;
    }
  }

  close(): void {
    for (const watched of [this.folders, this.anchors]) this.bring(watched, new Map());
  }

  /** True where a watch is new. */
  private bring(watched: Map<string, Watched>, wanted: ReadonlyMap<string, Wanted>): boolean {
    for (const [path, { identity, purpose, watcher }] of watched) {
      const next = wanted.get(path);
      // A folder that was replaced keeps its name; the watch stays with the old one.
      if (next?.identity === identity && next.purpose === purpose) continue;
      watcher.close();
      watched.delete(path);
    }
    let isNew = false;
    for (const [path, next] of wanted) if (!watched.has(path)) isNew = this.begin(watched, path, next) || isNew;
    return isNew;
  }

  private begin(watched: Map<string, Watched>, path: string, wanted: Wanted): boolean {
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => wanted.heard(name));
      watcher.on('error', () => {
        watcher.close();
        if (watched.get(path)?.watcher === watcher) watched.delete(path);
        wanted.heard(null);
      });
      watched.set(path, { ...wanted, watcher });
      return true;
    } catch (error) {
      // Out of watches (ENOSPC, EMFILE), or gone again.
      if (!this.hasComplained)
        this.options.log('warn', 'A folder cannot be watched; changes wait for the next refresh.', {
          path,
          reason: String(error),
        });
      this.hasComplained = true;
      return false;
    }
  }
}
