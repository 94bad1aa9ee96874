import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isObject } from '../json.js';
import { parseExact } from '../parse-json.js';
import type { ListQuery } from './query.js';
import type { StoredRecord } from './record.js';
import { applyChange, recordIn, selectRecords, type Change, type Records, type Store } from './store.js';

/**
 * Records in one JSON file that survives a restart and kill -9: each write goes to `{path}.tmp`, is synced, and takes the file's place.
 * Read on first use, held in memory, written whole: for thousands of records, not millions, and for one process.
 * A file that cannot be read fails each call with an error that names it, and is never overwritten.
 */
export function fileStore(path: string): Store {
  return new FileStore(path);
}

interface Waiting {
  readonly id: string;
  readonly change: Change;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class FileStore implements Store {
  private loaded: Promise<Records> | null = null;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | null = null;

  constructor(private readonly path: string) {}

  async list(query: ListQuery): Promise<readonly StoredRecord[]> {
    return selectRecords(await this.records(), query);
  }

  async get(id: string): Promise<StoredRecord | null> {
    return recordIn(await this.records(), id);
  }

  async change(id: string, change: Change): Promise<void> {
    await this.records();
    return new Promise((resolve, reject) => {
      this.waiting.push({ id, change, resolve, reject });
      this.writing ??= this.writeWaiting();
    });
  }

  async close(): Promise<void> {
    await this.writing;
  }

  private records(): Promise<Records> {
    this.loaded ??= load(this.path).catch((error: unknown) => {
      // Somebody may repair the file: the next call looks again.
      this.loaded = null;
      throw error;
    });
    return this.loaded;
  }

  /** One write at a time; what came during one goes into the next together. Readers see only what is on disk. */
  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      const draft: Records = new Map(await this.records());
      const applied = batch.filter(({ id, change, reject }) => {
        try {
          applyChange(draft, id, change);
          return true;
        } catch (error) {
          reject(error);
          return false;
        }
      });
      try {
        if (applied.length > 0) await replaceFile(this.path, textOf(draft));
        this.loaded = Promise.resolve(draft);
        for (const { resolve } of applied) resolve();
      } catch (error) {
        for (const { reject } of applied) reject(new Error(`${this.path} cannot be written.`, { cause: error }));
      }
    }
    this.writing = null;
  }
}

function textOf(records: Records): string {
  const lines = [...records].map(([id, data]) => JSON.stringify({ id, data }));
  return `{"records": [\n${lines.join(',\n')}\n]}\n`;
}

async function load(path: string): Promise<Records> {
  try {
    const content = parseExact(await readFile(path, 'utf8'));
    const list = isObject(content) ? content['records'] : null;
    if (!Array.isArray(list)) throw new Error('It holds no list "records".');
    return new Map(list.map(readStored));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The records in ${path} cannot be read: ${reason}`, { cause: error });
  }
}

function readStored(record: unknown, index: number): [string, StoredRecord['data']] {
  const { id, data } = isObject(record) ? record : {};
  if (typeof id !== 'string' || !isObject(data)) throw new Error(`Record ${index} is not {"id", "data"}.`);
  return [id, data];
}

/** After a crash at any point there is the old file or the new one, whole; a `.tmp` left behind is overwritten by the next write. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  // The rename itself is durable once the folder is; Windows cannot open one.
  const folder = await open(dirname(path), 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
