import { parentPort, workerData } from 'node:worker_threads';
import { derivedHere, type Derivation } from './derivation.js';
import { stepBack } from './step-back.js';
import type { FromHashThread, HashThreadOrder } from './hash-thread.js';

const { isIdle } = workerData as HashThreadOrder;
const tell = (message: FromHashThread): void => parentPort!.postMessage(message);

tell({ kind: 'ready', idleThread: stepBack(isIdle) });
parentPort!.on('message', ({ id, work }: { readonly id: number; readonly work: Derivation }) => {
  try {
    tell({ kind: 'tag', id, tag: derivedHere(work) });
  } catch (error) {
    tell({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  }
});
