import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** The control socket of a running gateway, in its data.folder. */
export const SOCKET_NAME = 'control.sock';
/** The kernel's structure has room for 104 (macOS) or 108 bytes. */
const LONGEST_PATH_BYTES = 100;

/** The path of a socket, as the kernel takes it. */
export interface SocketPath {
  readonly path: string;
  /** The path is good until then. */
  close(): Promise<void>;
}

/**
 * The path of a socket in a folder. One that is too long leads over an open handle of the folder, where the system has that.
 * @throws Error with words for people; what the file system says of the folder
 */
export async function socketPathIn(
  folder: string,
  name = SOCKET_NAME,
  platform = process.platform,
): Promise<SocketPath> {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= LONGEST_PATH_BYTES) return { path, close: () => Promise.resolve() };
  if (platform !== 'linux') {
    throw new Error(
      `the path ${path} is longer than the ${LONGEST_PATH_BYTES} bytes that a socket may have; set data.folder to a shorter one`,
    );
  }
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${handle.fd}/${name}`, close: () => handle.close() };
}
