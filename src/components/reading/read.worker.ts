import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { Slices } from '../breathe.js';
import type { CheckResult } from '../check/check-record.js';
import { readRecordFile } from '../files/read-record-file.js';
import { readPage } from '../rest/read-page.js';
import { batchesOf, type ReadingOrder, type ThreadMessage } from './wire.js';

/**
 * Reads, parses and checks off the main thread, an order after the other. Sends one message at a time: the next when the last
 * was taken.
 */
const port = parentPort!;
// Nobody else waits for this thread.
const slices = new Slices(Infinity);

async function send(message: ThreadMessage): Promise<void> {
  const taken = once(port, 'message');
  port.postMessage(message);
  await taken;
}

async function sendRecords(unit: string, results: readonly CheckResult[]): Promise<void> {
  for (const text of batchesOf(results)) await send({ kind: 'records', unit, text });
}

async function carryOut(order: ReadingOrder): Promise<void> {
  if ('page' in order) {
    const outcome = await readPage(order.page, order.gatewayId, slices);
    if (outcome.state !== 'read') return await send({ kind: 'page', end: outcome });
    const { records, ...end } = outcome;
    await sendRecords('', records);
    return await send({ kind: 'page', end });
  }
  for (const file of order.files) {
    const outcome = await readRecordFile(file, order.gatewayId, slices);
    if (outcome.state !== 'read') {
      await send({ kind: 'file', end: outcome });
      continue;
    }
    const { records, ...end } = outcome;
    await sendRecords(end.path, records);
    await send({ kind: 'file', end });
  }
}

for (;;) {
  const [order] = (await once(port, 'message')) as [ReadingOrder];
  await carryOut(order);
  port.postMessage({ kind: 'done' } satisfies ThreadMessage);
}
