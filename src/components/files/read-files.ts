import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Slices } from '../breathe.js';
import type { CheckedRecord } from '../check/check-record.js';
import { prepareChecks } from '../check/record-kinds.js';
import { type FileToRead, readRecordFile } from './read-record-file.js';
import { type FileEnd, type ReadingOrder, recordsOfBatch, type WorkerMessage } from './wire.js';

/** What came of reading some files. */
export interface Readings {
  readonly records: ReadonlyMap<string, readonly CheckedRecord[]>;
  readonly ends: readonly FileEnd[];
}

const workerPath = fileURLToPath(new URL('./read.worker.js', import.meta.url));
/** Only the compiled program has a worker; tests run from sources, and read everything inline. */
const hasWorker = existsSync(workerPath);
/** Up to here parsing one file and checking its records are over sooner than a worker has started. */
const MOST_INLINE = 512 * 1024;
/** Parsing YAML takes about so many times as long as JSON. */
const YAML_WEIGHT = 16;

/** Reads files so that the event loop never stops for long: a few in slices, many or large ones in a worker thread. */
export async function readFiles(
  files: readonly FileToRead[],
  gatewayId: string,
  signal: AbortSignal,
): Promise<Readings> {
  if (files.length === 0) return { records: new Map(), ends: [] };
  const weight = files.reduce((sum, { path, size }) => sum + size * (extname(path) === '.json' ? 1 : YAML_WEIGHT), 0);
  return hasWorker && weight > MOST_INLINE
    ? await readInWorker({ files, gatewayId }, signal)
    : await readInline(files, gatewayId);
}

async function readInline(files: readonly FileToRead[], gatewayId: string): Promise<Readings> {
  const records = new Map<string, readonly CheckedRecord[]>();
  const ends: FileEnd[] = [];
  await prepareChecks();
  const slices = new Slices();
  for (const file of files) {
    const outcome = await readRecordFile(file, gatewayId, slices);
    if (outcome.state === 'read')
      records.set(
        file.path,
        outcome.records.map(({ checked }) => checked),
      );
    ends.push(outcome);
    if (slices.due()) await slices.pause();
  }
  return { records, ends };
}

async function readInWorker(order: ReadingOrder, signal: AbortSignal): Promise<Readings> {
  const records = new Map<string, CheckedRecord[]>();
  const ends: FileEnd[] = [];
  const worker = new Worker(workerPath, { workerData: order, execArgv: [] });
  const abort = (): void => void worker.terminate();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        take(message);
        // After a turn of the event loop: a batch after the other would be one long pause.
        void setImmediate().then(() => worker.postMessage('taken'));
      });
      worker.on('error', reject);
      worker.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`The reading thread ended with code ${code}.`)),
      );
    });
  } finally {
    signal.removeEventListener('abort', abort);
    await worker.terminate();
  }
  return { records, ends };

  function take(message: WorkerMessage): void {
    if (message.kind === 'records') {
      const known = records.get(message.path);
      const batch = recordsOfBatch(message.text);
      if (known === undefined) records.set(message.path, batch);
      else known.push(...batch);
      return;
    }
    // A file that holds no record has no batch.
    if (message.end.state === 'read' && !records.has(message.end.path)) records.set(message.end.path, []);
    ends.push(message.end);
  }
}
