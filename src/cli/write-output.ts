import { realpath, stat, writeFile } from 'node:fs/promises';
import { replaceFile } from '../components/snapshot/replace-file.js';
import { CommandFailed, messageOf } from './command-failed.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left',
  EDQUOT: 'the quota of this user is used up',
  EFBIG: 'it is larger than a file may be',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'nothing can be made there',
  ENOTDIR: 'a file stands where a folder is needed',
  EEXIST: 'a file stands where a folder is needed',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
};

/** Writes a file for this user alone: all of it, or none, and then what was there stays. @throws CommandFailed */
export async function writeOutput(
  output: { readonly path: string; readonly shown: string },
  text: string,
): Promise<void> {
  await reportingWrites(output.shown, async () => {
    const there = await stat(output.path).catch(() => null);
    // What is no file, a pipe or a device, takes the text itself: it must not be replaced by one.
    if (there !== null && !there.isFile()) await writeFile(output.path, text);
    else await replaceFile(there === null ? output.path : await realpath(output.path), lines(text));
  });
}

/** What keeps a write from being done, in one line without the names of scratch files. @throws CommandFailed */
export async function reportingWrites<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    throw new CommandFailed(`${shown} cannot be written: ${reasonOf(error)}.`);
  }
}

export function reasonOf(error: unknown): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === undefined) return messageOf(error);
  return code in REASONS ? `${REASONS[code]!} (${code})` : `the system says ${code}`;
}

async function* lines(text: string): AsyncIterable<string> {
  yield await Promise.resolve(text);
}
