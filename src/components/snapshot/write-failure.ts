import { FolderInUse } from '../../storage/embedded/folder-lock.js';
import { SnapshotTooLarge } from './snapshot-file.js';

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'let the user that runs the gateway write to its folder',
  EPERM: 'let the user that runs the gateway write to its folder',
  EROFS: 'set config.snapshot.path to a place that can be written',
  ENOSPC: 'free some space',
  EDQUOT: 'free some space',
  EBUSY: 'mount its folder rather than the file alone',
  EISDIR: 'set config.snapshot.path to a file; this is a folder',
  ENOTDIR: 'set config.snapshot.path to a place below a folder; a file stands in its way',
  EEXIST: 'set config.snapshot.path to a place below a folder; a file stands in its way',
};

/** What is told of a write that failed: the same words as long as it is the same failure. */
export function writeFailure(path: string, error: unknown): { readonly code: string; readonly problem: string } {
  if (error instanceof FolderInUse) {
    const { pid, host } = error.holder;
    const problem =
      `The snapshot of components ${path} is kept by process ${pid} on ${host}, and not by this one. ` +
      'Give each gateway of a host a data.folder, or a config.snapshot.path, of its own.';
    return { code: 'in use', problem };
  }
  const what = `The snapshot of components ${path} cannot be written`;
  const then = 'Without it, a restart while the source of components is away has an older snapshot or none.';
  if (error instanceof SnapshotTooLarge) return { code: 'too large', problem: `${what}: ${error.message}. ${then}` };
  // The file system's own message names the file aside, another one each time.
  const code = (error as NodeJS.ErrnoException | null)?.code ?? 'unknown';
  const advice = ADVICE[code];
  return { code, problem: `${what} (${code})${advice === undefined ? '' : `: ${advice}`}. ${then}` };
}
