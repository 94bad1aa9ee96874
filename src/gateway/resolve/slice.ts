import { setImmediate as nextTurn } from 'node:timers/promises';

/** ms that compiling may hold the event loop at a stretch: requests are served in between. */
const SLICE_MS = 4;

/** Divides long work into turns of the event loop. */
export class Slice {
  private begun = performance.now();

  isOver(): boolean {
    return performance.now() - this.begun > SLICE_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.begun = performance.now();
  }
}
