import { createHash } from 'node:crypto';
import type { Component } from '../../contracts/components.js';
import type { SecretBox } from '../../secrets/secret-box.js';
import { Slices } from '../breathe.js';
import { replaceFile } from './replace-file.js';
import {
  CHUNK_LENGTH,
  contextOf,
  LARGEST_SNAPSHOT_BYTES,
  LONGEST_LINE_BYTES,
  type Snapshot,
  SNAPSHOT_FORMAT,
  SNAPSHOT_PRODUCT,
  type SnapshotEnd,
  type SnapshotHeader,
} from './snapshot-format.js';

/** More than a start would read again. */
export class SnapshotTooLarge extends Error {}

/**
 * Replaces the file as a whole, in slices. Where it fails, the old file stays as it was, and nothing is left beside it.
 * @throws SnapshotTooLarge, or what the file system says
 */
export async function writeSnapshot(path: string, snapshot: Snapshot, box: SecretBox): Promise<void> {
  await replaceFile(path, bounded(linesOf(snapshot, box)));
}

async function* linesOf({ gatewayId, savedAt, components }: Snapshot, box: SecretBox): AsyncGenerator<string> {
  const slices = new Slices();
  const usable = components.filter(({ record }) => record !== null);
  const header: SnapshotHeader = {
    format: SNAPSHOT_FORMAT,
    product: SNAPSHOT_PRODUCT,
    gateway: gatewayId,
    savedAt: savedAt.toISOString(),
    key: box.fingerprint,
    records: usable.length,
  };
  const digest = createHash('sha256');
  const digested = (line: string): string => {
    digest.update(line);
    return line;
  };
  yield digested(`${JSON.stringify(header)}\n`);
  let chunks = 0;
  for await (const chunk of chunksOf(usable, slices)) {
    yield digested(`${box.seal(chunk, contextOf(header.savedAt, chunks++))}\n`);
    if (slices.due()) await slices.pause();
  }
  const end: SnapshotEnd = { chunks, sha256: digest.digest('base64url') };
  yield `${box.seal(JSON.stringify(end), contextOf(header.savedAt, chunks))}\n`;
}

/**
 * JSON lists of about one length. All is serialised anew for each file: the texts of 10,000 records would take as much memory as
 * the records themselves, to save some 100 of 250 ms of CPU, spent in slices, at most once in the keeper's interval. Sealed chunks cannot be kept,
 * being bound to the moment of their file.
 */
async function* chunksOf(components: readonly Component[], slices: Slices): AsyncGenerator<string> {
  let chunk: string[] = [];
  let length = 0;
  for (const component of components) {
    const text = JSON.stringify(component);
    if (length > 0 && length + text.length > CHUNK_LENGTH) {
      yield `[${chunk.join(',')}]`;
      chunk = [];
      length = 0;
    }
    chunk.push(text);
    length += text.length;
    if (slices.due()) await slices.pause();
  }
  if (chunk.length > 0) yield `[${chunk.join(',')}]`;
}

async function* bounded(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let bytes = 0;
  for await (const line of lines) {
    const lineBytes = Buffer.byteLength(line);
    bytes += lineBytes;
    if (lineBytes > LONGEST_LINE_BYTES) throw new SnapshotTooLarge('A component takes more than 16 MiB');
    if (bytes > LARGEST_SNAPSHOT_BYTES) throw new SnapshotTooLarge('All components together take more than 256 MiB');
    yield line;
  }
}
