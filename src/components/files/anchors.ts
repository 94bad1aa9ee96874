import { lstat, readlink, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** A folder in which some names decide where a path leads. */
export interface Anchor {
  /** Tells the folder from another of the same name. */
  readonly identity: string;
  readonly names: ReadonlySet<string>;
}

/** More links than this lead in circles. */
const MOST_LINKS = 40;

/**
 * Where a path can be switched: the folder that holds its last name, those that hold a link on its way, and, where a part of it
 * is missing, the nearest one that is there. By path of the folder.
 */
export async function anchorsOf(path: string): Promise<ReadonlyMap<string, Anchor>> {
  const names = new Map<string, Set<string>>();
  const left = partsOf(resolve(path));
  let [at, links] = ['/', 0];
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    if (name === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const kind = await kindOf(next);
    if (kind !== 'folder' || left.length === 0) names.set(at, (names.get(at) ?? new Set()).add(name));
    if (kind === 'other') break;
    if (kind === 'folder') {
      at = next;
      continue;
    }
    const target = await targetOf(next);
    if (target === null || ++links > MOST_LINKS) break;
    if (target.startsWith('/')) at = '/';
    left.unshift(...partsOf(target));
  }
  const anchors = new Map<string, Anchor>();
  for (const [folder, held] of names) {
    const identity = await identityOf(folder);
    if (identity !== null) anchors.set(folder, { identity, names: held });
  }
  return anchors;
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

async function kindOf(path: string): Promise<'folder' | 'link' | 'other'> {
  try {
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) return 'link';
    return stats.isDirectory() ? 'folder' : 'other';
  } catch {
    return 'other';
  }
}

async function targetOf(link: string): Promise<string | null> {
  try {
    return await readlink(link);
  } catch {
    return null;
  }
}

async function identityOf(folder: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(folder);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}
