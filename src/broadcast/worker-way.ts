import type { Fleet } from '../contracts/fleet.js';
import type { Way, WayEvents } from './way.js';

/** To the other workers of this host, through the supervisor: at once, and also while the servers of the other ways are away. */
export class WorkerWay implements Way {
  readonly kind = 'workers';
  readonly name = 'the supervisor';

  constructor(private readonly fleet: Fleet) {}

  open(events: WayEvents): void {
    this.fleet.onTold((text) => events.received(text));
    events.up();
  }

  send(text: string): Promise<void> {
    return this.fleet.tell(text);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
