import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { derivedHere, type Derivation } from './derivation.js';

/** Requests go first: a login may take longer where both want the same core. */
const NICE = 10;

/** Linux gives each thread a priority of its own. Elsewhere hashes have that of the process. */
function stepBack(): void {
  try {
    const thread = /task\/(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1];
    if (thread !== undefined) setPriority(Number(thread), NICE);
  } catch {
    // No Linux, or a sandbox that says no.
  }
}

stepBack();
parentPort!.on('message', ({ id, work }: { readonly id: number; readonly work: Derivation }) => {
  try {
    parentPort!.postMessage({ id, tag: derivedHere(work) });
  } catch (error) {
    parentPort!.postMessage({ id, message: error instanceof Error ? error.message : String(error) });
  }
});
