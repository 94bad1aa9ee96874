import { setImmediate } from 'node:timers/promises';

/** Cuts long work into slices, so that requests are served between them: `if (slices.due()) await slices.pause()`. */
export class Slices {
  private startedAt = performance.now();

  constructor(private readonly sliceMs = 4) {}

  due(): boolean {
    return performance.now() - this.startedAt >= this.sliceMs;
  }

  async pause(): Promise<void> {
    await setImmediate();
    this.startedAt = performance.now();
  }
}
