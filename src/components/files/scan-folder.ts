import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { ComponentKind } from '../../contracts/records.js';
import { KIND_BY_PLURAL } from './record-file.js';

/** A record file as the folder shows it. */
export interface ListedFile {
  readonly path: string;
  readonly kind: ComponentKind | null;
  readonly size: number;
  /** Changes with every write and every replacement. */
  readonly signature: string;
  readonly modifiedMs: number;
}

export interface Listing {
  readonly files: ReadonlyMap<string, ListedFile>;
  /** Every folder that can hold record files, with what tells it from another of the same name. */
  readonly folders: ReadonlyMap<string, { readonly kind: ComponentKind | null; readonly identity: string }>;
}

/** The folder, or one of a kind, cannot be listed: the load fails, and everything stays in force. */
export class UnreadableFolder extends Error {
  constructor(
    readonly folder: string,
    readonly kind: ComponentKind | null,
    readonly reason: string,
  ) {
    super(`The folder ${folder} ${reason}`);
    this.name = 'UnreadableFolder';
  }
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);
/** Links can make a tree endless. */
const DEEPEST = 32;

/** Hidden names are skipped: editors' scratch files, and the folders behind the links of a Kubernetes volume. */
export function isRecordFile(name: string): boolean {
  return !name.startsWith('.') && EXTENSIONS.has(extname(name).toLowerCase());
}

export function signatureOf({ mtimeMs, ctimeMs, size, ino }: Stats): string {
  return `${mtimeMs}:${ctimeMs}:${size}:${ino}`;
}

/** Lists the record files of a components folder, links followed, in a fixed order. @throws UnreadableFolder */
export async function scanFolder(folder: string): Promise<Listing> {
  const files = new Map<string, ListedFile>();
  const folders = new Map<string, { kind: ComponentKind | null; identity: string }>();
  await list({ path: folder, kind: null, depth: 0, above: [] });
  return { files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))), folders };

  async function list(at: Visited): Promise<void> {
    const identity = await identityOf(at);
    // A link to a folder above would show the same files again and again.
    if (identity === null || at.depth > DEEPEST || at.above.includes(identity)) return;
    folders.set(at.path, { kind: at.kind, identity });
    const entries = await entriesOf(at);
    await inTurns(entries, (entry) => visit({ ...at, above: [...at.above, identity] }, entry));
  }

  async function visit(at: Visited, entry: Dirent): Promise<void> {
    if (entry.name.startsWith('.')) return;
    const kind = at.depth === 0 ? (KIND_BY_PLURAL.get(entry.name) ?? null) : at.kind;
    const path = join(at.path, entry.name);
    if (entry.isFile() && !isRecordFile(entry.name)) return;
    const stats = await statOf(path);
    if (stats === null) return;
    if (stats.isFile() && isRecordFile(entry.name)) files.set(path, listedFile(path, at.kind, stats));
    // Folders directly in the root are those of the kinds.
    if (stats.isDirectory() && kind !== null) await list({ path, kind, depth: at.depth + 1, above: at.above });
  }
}

export function listedFile(path: string, kind: ComponentKind | null, stats: Stats): ListedFile {
  return { path, kind, size: stats.size, signature: signatureOf(stats), modifiedMs: stats.mtimeMs };
}

/** Null for what is not there: it vanished, or is a link to nothing. */
export async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch {
    return null;
  }
}

interface Place {
  readonly path: string;
  readonly kind: ComponentKind | null;
  readonly depth: number;
}

interface Visited extends Place {
  /** Identities of the folders that this one lies in. */
  readonly above: readonly string[];
}

async function identityOf({ path, depth, kind }: Place): Promise<string | null> {
  const stats = await statOf(path);
  if (stats?.isDirectory() === true) return `${stats.dev}:${stats.ino}`;
  if (depth > 0) return null;
  throw new UnreadableFolder(path, kind, stats === null ? 'is not there' : 'is no folder');
}

async function entriesOf({ path, kind, depth }: Place): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    if (code === 'ENOENT' && depth > 0) return [];
    throw new UnreadableFolder(path, kind, code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`);
  }
}

/** A few at a time: thousands of files at once would fill the thread pool for everybody else. */
async function inTurns<T>(items: readonly T[], visit: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const take = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await visit(item);
  };
  await Promise.all([take(), take(), take(), take()]);
}
