import type { Clock } from '../../execute/discovery/clock.js';

/** An issuer is asked for one thing no more often, whoever waits. */
export const PAUSE_MS = 5000;
/** After which it is read anew. */
export const FRESH_MS = 600_000;

/** Something that an issuer publishes: one question at a time for all who wait, kept while the issuer is away. */
export class KeptAnswer<T> {
  /** As it was read last; null: never. */
  value: T | null = null;
  /** Why the last question came to nothing; null: it did not. */
  failure: Error | null = null;
  private asking: Promise<void> | null = null;
  private askedAtMs = -Infinity;
  private readAtMs = -Infinity;

  constructor(
    private readonly read: () => Promise<T>,
    private readonly clock: Pick<Clock, 'now'>,
    /** Told of each answer, and of each failure. */
    private readonly heard: (before: T | null) => void = () => undefined,
  ) {}

  /** Asks, or waits for who asks already. Settles when there is an answer or a failure; null: it was asked a moment ago. Never rejects. */
  ask(): Promise<void> | null {
    if (this.asking !== null) return this.asking;
    const now = this.clock.now();
    if (now - this.askedAtMs < PAUSE_MS) return null;
    this.askedAtMs = now;
    this.asking = this.question();
    return this.asking;
  }

  get isStale(): boolean {
    return this.clock.now() - this.readAtMs >= FRESH_MS;
  }

  /** Until it may be asked again. */
  get pauseSeconds(): number {
    const leftMs = this.askedAtMs + PAUSE_MS - this.clock.now();
    return Math.max(1, Math.ceil(leftMs / 1000));
  }

  private async question(): Promise<void> {
    const before = this.value;
    try {
      this.value = await this.read();
      this.readAtMs = this.clock.now();
      this.failure = null;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error('failed');
    } finally {
      this.asking = null;
    }
    this.heard(before);
  }
}
