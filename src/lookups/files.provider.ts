import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type LookupProvider, MOST_BYTES, ProviderAway, reasonOf } from './lookup-provider.js';

const CHUNK_BYTES = 65_536;
/** There is no such file, as far as paths go. */
const NOTHING = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO']);

/**
 * One file a key, as Kubernetes and Docker mount them: `a.b.c`, then `a/b/c`. One line break at the end does not count.
 * Links are followed as far as they stay in the folder.
 */
export class FilesProvider implements LookupProvider {
  readonly name = 'files';

  /** @param folder absolute */
  constructor(private readonly folder: string) {}

  async read(path: string): Promise<string | null> {
    let root: string;
    try {
      root = await realpath(this.folder);
    } catch (error) {
      const message = `The folder ${this.folder} of lookups cannot be read: ${reasonOf(error)}`;
      throw new ProviderAway(message, { isWhole: true, cause: error });
    }
    for (const name of namesOf(path)) {
      const text = await this.readFile(root, name);
      if (text !== null) return text;
    }
    return null;
  }

  where(path: string): string {
    const names = namesOf(path);
    return `file ${(names.length === 0 ? [path] : names).join(' or ')} in ${this.folder}`;
  }

  private async readFile(root: string, name: string): Promise<string | null> {
    try {
      const path = await realpath(join(root, name));
      if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) throw this.away(name, 'it leads out of the folder');
      // A pipe without a writer would hold us for ever.
      const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        if (!(await file.stat()).isFile()) return null;
        return textOf(await contentOf(file), (reason) => this.away(name, reason));
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof ProviderAway) throw error;
      if (NOTHING.has((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw this.away(name, reasonOf(error), error);
    }
  }

  private away(name: string, reason: string, cause?: unknown): ProviderAway {
    return new ProviderAway(`The file ${name} in ${this.folder} cannot be read: ${reason}`, { cause });
  }
}

/** Names below the folder; none for a path that would lead elsewhere. */
function namesOf(path: string): string[] {
  const names = [...new Set([path, path.replaceAll('.', '/')])];
  return names.filter((name) =>
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0')),
  );
}

/** Stops once there is too much: the size that a file tells may be wrong by then. */
async function contentOf(file: FileHandle): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length <= MOST_BYTES) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES));
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Buffer, away: (reason: string) => ProviderAway): string {
  if (bytes.length > MOST_BYTES) throw away('it is larger than 1 MiB');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw away('it is not UTF-8 text');
  }
}
