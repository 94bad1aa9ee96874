import { extname } from 'node:path';
import { Slices } from '../breathe.js';
import type { CheckedRecord } from '../check/check-record.js';
import { prepareChecks } from '../check/record-kinds.js';
import { hasReadingThread, ReadingThread } from '../reading/reading-thread.js';
import { type FileEnd, recordsOfBatch } from '../reading/wire.js';
import { type FileToRead, readRecordFile } from './read-record-file.js';

/** What came of reading some files. */
export interface Readings {
  readonly records: ReadonlyMap<string, readonly CheckedRecord[]>;
  readonly ends: readonly FileEnd[];
}

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
  return hasReadingThread && weight > MOST_INLINE
    ? await readInThread(files, gatewayId, signal)
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

async function readInThread(files: readonly FileToRead[], gatewayId: string, signal: AbortSignal): Promise<Readings> {
  const records = new Map<string, CheckedRecord[]>();
  const ends: FileEnd[] = [];
  const thread = new ReadingThread(signal);
  try {
    await thread.run({ files, gatewayId }, (message) => {
      if (message.kind === 'records') {
        const known = records.get(message.unit);
        const batch = recordsOfBatch(message.text);
        if (known === undefined) records.set(message.unit, batch);
        else known.push(...batch);
      } else if (message.kind === 'file') {
        // A file that holds no record has no batch.
        if (message.end.state === 'read' && !records.has(message.end.path)) records.set(message.end.path, []);
        ends.push(message.end);
      }
    });
  } finally {
    await thread.close();
  }
  return { records, ends };
}
