import { randomBytes } from 'node:crypto';
import { lstat, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../process/make-folder.js';

const LEFTOVER_AGE_MS = 3_600_000;
const ASIDE = /^\.\d+-[0-9a-f]{12}\.part$/;

/**
 * Writes aside and renames: whoever opens the file sees all of the old one or all of the new one, also after a power cut, and of
 * several processes the last to finish wins. For this user alone (0600; a missing folder is made with 0700).
 * @throws what the lines throw, and what the file system says; then the old file is as it was
 */
export async function replaceFile(path: string, lines: AsyncIterable<string>): Promise<void> {
  const folder = dirname(path);
  // Another process may make the same folder at the same moment: the second look finds it.
  await makeFolder(folder).catch(() => makeFolder(folder));
  await removeLeftovers(path);
  const aside = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.part`;
  const file = await open(aside, 'wx', 0o600);
  try {
    try {
      for await (const line of lines) await file.writeFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await unlink(aside).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** What killed processes left. A file that is younger may still be written. */
async function removeLeftovers(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  const names = await readdir(folder).catch(() => []);
  for (const other of names) {
    if (!other.startsWith(name) || !ASIDE.test(other.slice(name.length))) continue;
    const leftover = join(folder, other);
    try {
      const { mtimeMs } = await lstat(leftover);
      if (Date.now() - mtimeMs > LEFTOVER_AGE_MS) await unlink(leftover);
    } catch {
      // Another process was faster, or it is not ours to remove: litter hinders nobody.
    }
  }
}

/** The new name is in force already; what cannot sync folders (some network file systems) is no reason to report a failure. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  if (folder === null) return;
  try {
    await folder.sync().catch(() => undefined);
  } finally {
    await folder.close();
  }
}
