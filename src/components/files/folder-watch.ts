import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../load-log.js';
import type { Listing } from './scan-folder.js';

export interface FolderWatchOptions {
  /** Called with the path that an event names. */
  readonly changed: (path: string) => void;
  readonly log: Log;
}

interface Watched {
  readonly identity: string;
  readonly watcher: FSWatcher;
}

/**
 * Watches each folder by itself: Node's recursive watching on Linux walks the whole tree synchronously and takes a watch for
 * every file. Changes behind a link are not seen; the refresh interval is the net under that.
 */
export class FolderWatch {
  private readonly watched = new Map<string, Watched>();
  private hasComplained = false;

  constructor(private readonly options: FolderWatchOptions) {}

  get isWatching(): boolean {
    return this.watched.size > 0;
  }

  /** Follows the folders as they are now. True where one is new: what changed before it was watched is not known. */
  follow(folders: Listing['folders']): boolean {
    for (const [path, { identity, watcher }] of this.watched) {
      // A folder that was replaced keeps its name; the watch stays with the old one.
      if (folders.get(path)?.identity === identity) continue;
      watcher.close();
      this.watched.delete(path);
    }
    let isNew = false;
    for (const [path, { identity }] of folders)
      if (!this.watched.has(path)) isNew = this.begin(path, identity) || isNew;
    return isNew;
  }

  close(): void {
    for (const { watcher } of this.watched.values()) watcher.close();
    this.watched.clear();
  }

  private begin(path: string, identity: string): boolean {
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) =>
        this.options.changed(name === null ? path : join(path, name)),
      );
      watcher.on('error', () => this.drop(path, watcher));
      this.watched.set(path, { identity, watcher });
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

  private drop(path: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.watched.get(path)?.watcher === watcher) this.watched.delete(path);
    this.options.changed(path);
  }
}
