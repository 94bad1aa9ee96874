import { setImmediate } from 'node:timers/promises';

/**
 * Lets requests go first that came meanwhile, between two parts of long work: those that the event loop has found already, and, a turn
 * later, those that came since.
 */
export async function giveWay(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
