import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Component } from '../../contracts/components.js';
import { Slices } from '../breathe.js';
import { BeyondBounds, readLines } from './read-lines.js';
import { SnapshotAssembly, type SnapshotReader, UnusableSnapshot } from './snapshot-assembly.js';
import { LARGEST_SNAPSHOT_BYTES, LONGEST_LINE_BYTES } from './snapshot-format.js';

export type { SnapshotReader } from './snapshot-assembly.js';

export type SnapshotReading =
  | {
      readonly state: 'read';
      readonly savedAt: Date;
      readonly components: readonly Component[];
      /** In words for people, where others may use the file. */
      readonly warning: string | null;
    }
  | { readonly state: 'none' }
  /** In words for people: what is wrong, and what to do. */
  | { readonly state: 'unusable'; readonly reason: string };

const BOUNDS = { longestLineBytes: LONGEST_LINE_BYTES, mostBytes: LARGEST_SNAPSHOT_BYTES };

/** Reads a snapshot in slices: all of what was written, or nothing of it. Never throws. */
export async function readSnapshot(path: string, reader: SnapshotReader): Promise<SnapshotReading> {
  try {
    // A pipe in its place must not wait for someone to write.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await read(file, path, reader);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'none' };
    return { state: 'unusable', reason: `The snapshot ${path} ${problemOf(error)}.` };
  }
}

async function read(file: FileHandle, path: string, reader: SnapshotReader): Promise<SnapshotReading> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new UnusableSnapshot('is not a file');
  if (stats.size > LARGEST_SNAPSHOT_BYTES) throw new BeyondBounds('The file is too large.');
  const slices = new Slices();
  const assembly = new SnapshotAssembly(reader);
  for await (const line of readLines(file, BOUNDS)) {
    assembly.take(line);
    if (slices.due()) await slices.pause();
  }
  return { state: 'read', ...assembly.finish(), warning: warningOf(path, stats.mode) };
}

function problemOf(error: unknown): string {
  if (error instanceof UnusableSnapshot) return error.message;
  if (error instanceof BeyondBounds)
    return 'is not one that this gateway wrote: it is beyond 256 MiB, or a line beyond 16 MiB';
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') {
    return `cannot be read: permission denied (${code}); let the user that runs the gateway read it`;
  }
  return `cannot be read: ${message}`;
}

function warningOf(path: string, mode: number): string | null {
  if ((mode & 0o077) === 0) return null;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  return `The snapshot ${path} can be used by others (mode ${shown}); set it to 0600.`;
}
