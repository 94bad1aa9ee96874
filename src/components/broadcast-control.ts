import { randomUUID } from 'node:crypto';
import type { Broadcast } from '../contracts/broadcast.js';
import type { ComponentControl, RefreshOutcome, ShownComponent } from '../contracts/component-control.js';
import type { ComponentKind } from '../contracts/records.js';
import type { Log } from './load-log.js';

const TOPIC = 'refresh';

/**
 * The control of this gateway as a whole: what is refreshed here, every other worker and replica refreshes too. Answers for this
 * process, without waiting for the others.
 */
export class BroadcastControl implements ComponentControl {
  private readonly self = randomUUID();
  private readonly ends: (() => void)[];

  constructor(
    private readonly local: ComponentControl,
    private readonly broadcast: Broadcast,
    private readonly log: Log,
  ) {
    this.ends = [
      broadcast.subscribe(TOPIC, ({ by, acceptEmpty }) => {
        if (by !== this.self) this.look(acceptEmpty === true);
      }),
      // What was said meanwhile may have been that.
      broadcast.onGap(({ isAfterLoss }) => {
        if (isAfterLoss) this.look(false);
      }),
    ];
  }

  show(component: ComponentKind, id: string): readonly ShownComponent[] | null {
    return this.local.show(component, id);
  }

  async refresh(options: { readonly acceptEmpty?: boolean } = {}): Promise<RefreshOutcome> {
    const { acceptEmpty = false } = options;
    // A look is at the whole source, whatever is named.
    const message = { component: '*', id: '*', acceptEmpty, by: this.self };
    const [outcome] = await Promise.all([this.local.refresh(options), this.broadcast.publish(TOPIC, message)]);
    return outcome;
  }

  stop(): void {
    for (const end of this.ends) end();
  }

  private look(acceptEmpty: boolean): void {
    this.local.refresh({ acceptEmpty }).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.log('error', 'A refresh that another process asked for failed.', { reason });
    });
  }
}
