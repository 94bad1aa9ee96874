import { hash, randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DumpedComponents } from '../components/database/component-edits.js';
import { scanFolder } from '../components/files/scan-folder.js';
import { makeFolder } from '../process/make-folder.js';

export interface DumpedFolder {
  readonly written: number;
  /** Other record files that were there. */
  readonly others: readonly string[];
}

/**
 * Writes one file a record, `systems/ID.yaml` and so on, each aside and renamed, for this user alone.
 * @param textOf what a file of `{id, data}` holds
 */
export async function dumpIntoFolder(
  folder: string,
  dumped: DumpedComponents,
  textOf: (record: unknown) => string,
  isJson: boolean,
): Promise<DumpedFolder> {
  const written = new Set<string>();
  await makeFolder(folder);
  for (const [plural, records] of Object.entries(dumped) as [string, DumpedComponents['systems']][]) {
    if (records.length === 0) continue;
    await makeFolder(join(folder, plural));
    const names = fileNames(records.map(({ id }) => id));
    for (const record of records) {
      const path = join(folder, plural, `${names.get(record.id)!}.${isJson ? 'json' : 'yaml'}`);
      await replace(path, textOf(record));
      written.add(path);
    }
  }
  const { files } = await scanFolder(folder);
  return { written: written.size, others: [...files.keys()].filter((path) => !written.has(path)) };
}

async function replace(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await writeFile(aside, text, { mode: 0o600, flag: 'wx' });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** File systems take 255 bytes, of which extension and scratch names need some. */
const LONGEST_NAME = 160;

/** A file name for each id: readable where the id is plain, and one of its own where the file system takes `A` for `a`. */
export function fileNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  // The same names in each dump, whatever the order.
  for (const id of ids.toSorted()) {
    const plain = escaped(id);
    const isFree = plain.length <= LONGEST_NAME && !taken.has(plain.toLowerCase());
    const name = isFree ? plain : `${plain.slice(0, 100)}~${hash('sha256', id, 'hex').slice(0, 16)}`;
    taken.add(name.toLowerCase());
    names.set(id, name);
  }
  return names;
}

/** Hidden files are no record files. */
function escaped(id: string): string {
  const [dot, rest] = id.startsWith('.') ? ['%2E', id.slice(1)] : ['', id];
  return dot + rest.replace(/[^A-Za-z0-9_.-]/gu, (character) => Buffer.from(character).reduce(percent, ''));
}

const percent = (text: string, byte: number): string => `${text}%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
