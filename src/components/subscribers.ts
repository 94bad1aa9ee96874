import type { ComponentSet } from '../contracts/components.js';
import type { Log } from './load-log.js';

type Listener = (set: ComponentSet) => Promise<void>;
interface Subscriber {
  readonly listener: Listener;
  /** Settles when the listener has done with all that it got. */
  done: Promise<void>;
  active: boolean;
}

/** Calls listeners one after the other, and each with one set at a time. One that fails is logged, and holds up nobody. */
export class Subscribers {
  private readonly subscribers = new Set<Subscriber>();

  constructor(private readonly log: Log) {}

  /** A set that is there already comes first. */
  add(listener: Listener, current: ComponentSet | null): () => void {
    const subscriber: Subscriber = { listener, done: Promise.resolve(), active: true };
    this.subscribers.add(subscriber);
    if (current !== null) void this.give(subscriber, current);
    return () => {
      subscriber.active = false;
      this.subscribers.delete(subscriber);
    };
  }

  /** Settles when every listener has done with the set: a source does not run ahead of who compiles. */
  async tell(set: ComponentSet): Promise<void> {
    for (const subscriber of [...this.subscribers]) await this.give(subscriber, set);
  }

  private give(subscriber: Subscriber, set: ComponentSet): Promise<void> {
    subscriber.done = subscriber.done.then(async () => {
      if (!subscriber.active) return;
      try {
        await subscriber.listener(set);
      } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.log('error', 'A set of components could not be taken over.', { revision: set.revision, reason });
      }
    });
    return subscriber.done;
  }
}
