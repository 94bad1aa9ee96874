import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { chmod, link, lstat, mkdtemp, rename, rm, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { join } from 'node:path';
import { SOCKET_NAME, type SocketPath, socketPathIn } from './socket-path.js';

/** A socket that listens under its name in the folder. */
export interface PlacedSocket {
  /** Takes the name away, if it still is that of this socket. Call it before the server is closed, and `release` after. */
  remove(): Promise<void>;
  release(): Promise<void>;
}

const PROBE_MS = 2000;
/** Others may come and go between two looks. */
const MOST_TRIES = 5;

/**
 * Lets a server listen on the control socket of a folder, for this user alone. Null where a living process has the name already.
 * One that a killed process left is replaced.
 * @throws Error, what keeps it from listening; then the server does not listen
 */
export async function placeSocket(server: Server, folder: string): Promise<PlacedSocket | null> {
  // Bound where nobody else can reach it, and linked into place once its mode is right: there is no moment with wider rights.
  const aside = await mkdtemp(join(folder, '.control-'));
  let bound: SocketPath | null = null;
  let isPlaced = false;
  try {
    bound = await socketPathIn(aside, 's');
    server.listen(bound.path);
    await once(server, 'listening');
    const socket = join(aside, 's');
    await chmod(socket, 0o600);
    const own = await lstat(socket);
    isPlaced = await linked(socket, folder, aside);
    if (!isPlaced) return null;
    // The server unlinks the path that it was bound by when it closes: it must not lead elsewhere by then.
    const kept = bound;
    return { remove: () => removeOwn(join(folder, SOCKET_NAME), own), release: () => kept.close() };
  } finally {
    if (!isPlaced) {
      if (server.listening) server.close();
      await bound?.close();
    }
    await rm(aside, { recursive: true, force: true });
  }
}

async function linked(socket: string, folder: string, aside: string): Promise<boolean> {
  const path = join(folder, SOCKET_NAME);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    try {
      await link(socket, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const there = await statOf(path);
    if (there === null) continue;
    if (!there.isSocket()) throw new Error(`${path} is there, and is no socket; remove it`);
    if (await answers(folder)) return false;
    await removeStale(path, there, aside);
  }
  throw new Error(`${path} changes all the time`);
}

/** Whether a living process listens there. What cannot be told counts as one. */
async function answers(folder: string): Promise<boolean> {
  const place = await socketPathIn(folder);
  const socket = connect(place.path);
  const timer = setTimeout(() => socket.destroy(new Error('late')), PROBE_MS);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    return !['ECONNREFUSED', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    clearTimeout(timer);
    socket.destroy();
    await place.close();
  }
}

/** Two that find the same stale socket must not remove each other's fresh one: it is moved aside, and put back if it is another. */
async function removeStale(path: string, stale: Stats, aside: string): Promise<void> {
  const moved = join(aside, 'stale');
  try {
    await rename(path, moved);
    if (!isSame(await lstat(moved), stale)) await link(moved, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  await rm(moved, { force: true });
}

async function removeOwn(path: string, own: Stats): Promise<void> {
  const there = await statOf(path);
  if (there !== null && isSame(there, own)) await unlink(path).catch(() => undefined);
}

const isSame = (a: Stats, b: Stats): boolean => a.ino === b.ino && a.dev === b.dev;

async function statOf(path: string): Promise<Stats | null> {
  return await lstat(path).catch(() => null);
}
