import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder for this user alone, and those above it. Not by Node's `recursive`, which goes round for ever where a file system
 * refuses with ENOENT in a folder that is there (/proc).
 * @throws what the file system says
 */
export async function makeFolder(path: string): Promise<void> {
  if ((await tried(path)) !== 'ENOENT') return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path, { mode: 0o700 });
}

/** ENOENT where its parent is missing; made or there already otherwise. */
async function tried(path: string): Promise<'ENOENT' | 'there'> {
  try {
    await mkdir(path, { mode: 0o700 });
    return 'there';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'ENOENT';
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return 'there';
    throw error;
  }
}
