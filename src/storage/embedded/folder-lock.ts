import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a folder. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the kernel counts it: a process id may be given to another. Null where that cannot be told. */
  readonly startedAt: string | null;
}

/** Another process holds the folder. */
export class FolderInUse extends Error {
  constructor(
    readonly folder: string,
    readonly holder: Holder,
  ) {
    super(
      `${folder} is in use by process ${holder.pid} on ${holder.host}. An embedded database serves one process at a time: ` +
        'stop that one, give this one another data.folder, or set database.url to a Postgres that both use.',
    );
  }
}

const BEAT_MS = 5000;
/** A holder on another host (or in another container) shows that it lives by touching its lock. */
const STALE_AFTER_MS = 20_000;

/** Holds a folder for this process until `release`, or until the process is gone. */
export class FolderLock {
  private constructor(
    private readonly path: string,
    private readonly beat: NodeJS.Timeout,
  ) {}

  /** @throws FolderInUse */
  static take(folder: string): FolderLock {
    const path = `${folder}.lock`;
    for (let tries = 0; ; tries++) {
      if (placed(path, me())) break;
      const holder = holderOf(path);
      if (holder !== null && isAlive(holder, path)) throw new FolderInUse(folder, holder);
      // Whoever is second here finds a fresh lock at its next try.
      if (tries > 3) throw new Error(`${path} cannot be taken. Remove it if no gateway uses ${folder}.`);
      removeStale(path);
    }
    const beat = setInterval(() => touch(path), BEAT_MS).unref();
    return new FolderLock(path, beat);
  }

  /** Who holds the folder now, or null. */
  static holder(folder: string): Holder | null {
    const path = `${folder}.lock`;
    const holder = holderOf(path);
    return holder !== null && isAlive(holder, path) ? holder : null;
  }

  release(): void {
    clearInterval(this.beat);
    const holder = holderOf(this.path);
    if (holder?.pid === process.pid && holder.host === hostname()) rmSync(this.path, { force: true });
  }
}

const me = (): Holder => ({ pid: process.pid, host: hostname(), startedAt: startOf(process.pid) });

/** A lock appears whole: its content is linked into place. */
function placed(path: string, holder: Holder): boolean {
  const mine = `${path}.${randomUUID()}`;
  try {
    writeFileSync(mine, JSON.stringify(holder), { mode: 0o600 });
    linkSync(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function holderOf(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

function isAlive({ pid, host, startedAt }: Holder, path: string): boolean {
  if (host !== hostname())
    return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < STALE_AFTER_MS;
  if (pid === process.pid) return startedAt === startOf(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startedAt === null || startedAt === startOf(pid);
}

/** Of a process, from /proc/PID/stat (the 22nd field; the second may hold blanks); null for one that ended and still has its number. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** Two that find the same stale lock must not remove each other's fresh one: it is moved aside, and put back if it lives. */
function removeStale(path: string): void {
  const aside = `${path}.stale-${randomUUID()}`;
  try {
    renameSync(path, aside);
    const holder = holderOf(aside);
    if (holder !== null && isAlive(holder, aside)) linkSync(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Removed by hand: the process goes on.
  }
}
