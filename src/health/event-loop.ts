/** How late the event loop runs. */
export interface EventLoop {
  /** ms that the last look was late, or is late by now. */
  lagMs(): number;
}
export const EVENT_LOOP = Symbol('EventLoop');

const LOOK_MS = 500;

/** Looks twice a second whether its own timer comes in time. */
export class EventLoopWatch implements EventLoop {
  private lookedAt = performance.now();
  private lag = 0;
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  lagMs(): number {
    return Math.max(this.lag, performance.now() - this.lookedAt - LOOK_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    this.lag = Math.max(0, now - this.lookedAt - LOOK_MS);
    this.lookedAt = now;
  }
}
