import { randomBytes } from 'node:crypto';
import { link, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { KEY_BYTES } from './aes-secret-box.js';

export const KEY_EXPECTED = 'exactly 32 bytes as text, or base64: and the base64 of 32 bytes';
const KEY_FILE = 'secrets.key';

/** The key that stands in data.folder cannot be used or made. The message is for people. */
export class SecretKeyUnusable extends Error {}

export interface StoredKey {
  readonly key: Uint8Array;
  /** Made just now: nothing can have been sealed with it before. */
  readonly generated: boolean;
  readonly path: string;
  /** Something that people should put right. */
  readonly warning?: string;
}

/** The key that a setting or file tells, or in words why it is none. The words never hold the text. */
export function parseSecretKey(text: string): Uint8Array | { readonly problem: string } {
  if (text.startsWith('base64:')) {
    const encoded = text.slice('base64:'.length).trim();
    const key = Buffer.from(encoded, 'base64');
    // Buffer skips what is no base64.
    const isBase64 = /^[A-Za-z0-9+/_-]*={0,2}$/.test(encoded);
    if (!isBase64) return { problem: `expected ${KEY_EXPECTED}; what stands after base64: is not base64` };
    return key.length === KEY_BYTES ? key : { problem: wrongLength(key.length) };
  }
  const key = Buffer.from(text, 'utf8');
  return key.length === KEY_BYTES ? key : { problem: wrongLength(key.length) };
}

const wrongLength = (bytes: number): string => `expected ${KEY_EXPECTED}; it has ${bytes}`;

/**
 * The key in `{dataFolder}/secrets.key`. Where there is none, one is made; of several processes at once, all get the same.
 * @throws Error with words for people where the file is damaged or cannot be read or written
 */
export async function readOrMakeKey(dataFolder: string): Promise<StoredKey> {
  const path = join(dataFolder, KEY_FILE);
  return (await readKey(path)) ?? makeKey(path);
}

async function readKey(path: string): Promise<StoredKey | null> {
  let text: string;
  let mode: number;
  try {
    text = await readFile(path, 'utf8');
    ({ mode } = await stat(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SecretKeyUnusable(`The key of secrets cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const key = parseSecretKey(text.replace(/\r?\n$/, ''));
  if ('problem' in key) {
    throw new SecretKeyUnusable(
      `The key of secrets in ${path} is damaged: ${key.problem}. Put the file back from a copy. ` +
        'Without the key, what is sealed with it cannot be opened; take the file away only if nothing is.',
    );
  }
  const others = mode & 0o077;
  if (others === 0) return { key, generated: false, path };
  const warning = `${path} can be used by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')}); set it to 0600`;
  return { key, generated: false, path, warning };
}

/** Written aside and linked into place: whoever sees the file sees all of it, and the first one stays. */
async function makeKey(path: string): Promise<StoredKey> {
  const key = randomBytes(KEY_BYTES);
  const aside = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  let isAside = false;
  try {
    const file = await open(aside, 'wx', 0o600);
    isAside = true;
    try {
      await file.writeFile(`base64:${key.toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(aside, path);
    await syncFolder(path);
    return { key, generated: true, path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      const theirs = await readKey(path);
      if (theirs !== null) return theirs;
    }
    throw new SecretKeyUnusable(`The key of secrets cannot be made in ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    if (isAside) await unlink(aside).catch(() => undefined);
  }
}

/** A power cut must not take the name of a key that has been used. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(join(path, '..'), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
