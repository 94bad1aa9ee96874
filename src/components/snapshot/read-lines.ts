import type { FileHandle } from 'node:fs/promises';

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export interface Line {
  /** Without the line feed. */
  readonly bytes: Buffer;
  /** False for what stands behind the last line feed. */
  readonly isEnded: boolean;
}

/** The file holds a longer line, or more than it may. */
export class BeyondBounds extends Error {}

/**
 * The lines of a file from where it stands; one is held at a time.
 * @throws BeyondBounds, or what the file system says
 */
export async function* readLines(
  file: FileHandle,
  { longestLineBytes, mostBytes }: { readonly longestLineBytes: number; readonly mostBytes: number },
): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let partsBytes = 0;
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(BLOCK_BYTES), 0, BLOCK_BYTES, null);
    if (bytesRead === 0) break;
    total += bytesRead;
    if (total > mostBytes) throw new BeyondBounds('The file is too large.');
    let block = buffer.subarray(0, bytesRead);
    for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE)) {
      yield { bytes: Buffer.concat([...parts, block.subarray(0, at)]), isEnded: true };
      parts = [];
      partsBytes = 0;
      block = block.subarray(at + 1);
    }
    parts.push(block);
    partsBytes += block.length;
    if (partsBytes > longestLineBytes) throw new BeyondBounds('A line is too long.');
  }
  if (partsBytes > 0) yield { bytes: Buffer.concat(parts), isEnded: false };
}
