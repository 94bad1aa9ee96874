import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { Slices } from '../breathe.js';
import { readRecordFile } from './read-record-file.js';
import { batchesOf, type ReadingOrder, type WorkerMessage } from './wire.js';

/** Reads, parses and checks files off the main thread. Sends one message at a time: the next when the last was taken. */
const port = parentPort!;
const { files, gatewayId } = workerData as ReadingOrder;
// Nobody else waits for this thread.
const slices = new Slices(Infinity);

async function send(message: WorkerMessage): Promise<void> {
  const taken = once(port, 'message');
  port.postMessage(message);
  await taken;
}

for (const file of files) {
  const outcome = await readRecordFile(file, gatewayId, slices);
  if (outcome.state !== 'read') {
    await send({ kind: 'end', end: outcome });
    continue;
  }
  for (const text of batchesOf(outcome.records)) await send({ kind: 'records', path: file.path, text });
  await send({ kind: 'end', end: { path: file.path, state: 'read', digest: outcome.digest } });
}
port.close();
