import type { IncomingMessage } from 'node:http';
import { BAD_INPUT, RunnerError } from '../errors.js';

/**
 * Reads a body as text. One that is too large is read to its end and dropped, so that the client gets the 413 rather than a reset;
 * far past the limit the connection breaks off.
 * @throws RunnerError
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else if (bytes > maxBytes * DROPPED_TIMES + DROPPED_BYTES) break;
    else chunks.length = 0;
  }
  if (bytes > maxBytes) throw new RunnerError(413, `The body has more than ${maxBytes} bytes.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new RunnerError(BAD_INPUT, 'The body is not UTF-8.', { cause: error });
  }
}
const DROPPED_TIMES = 4;
const DROPPED_BYTES = 1024 * 1024;
