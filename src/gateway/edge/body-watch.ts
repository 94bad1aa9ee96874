import { GatewayError } from '../../errors/gateway.error.js';
import type { EdgeRequest } from './edge-request.js';

/** Who reads a body, for the watch that cuts slow clients off. */
export interface BodyReader {
  cutOff(error: GatewayError): void;
}

interface Watched {
  readonly request: EdgeRequest;
  readonly reader: BodyReader;
  /** Whether silence is measured (streams) or the whole (server.requestTimeout). */
  readonly bySilence: boolean;
  since: number;
  bytes: number;
}

/** Where a body stands in the watch; -1: it is not watched. */
type Slot = number;

/**
 * Cuts off clients whose body does not come: one coarse timer for all, since a timer for each body would cost every request.
 * Node's own requestTimeout cannot tell an upload that flows from a client that is silent. Slots that are used again, and no map: see
 * the count in the listener.
 */
export class BodyWatch {
  private readonly slots: (Watched | null)[] = [];
  private readonly free: Slot[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly timeoutMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.timer = setInterval(() => this.sweep(), Math.max(20, Math.min(500, timeoutMs / 4)));
    this.timer.unref();
  }

  add(request: EdgeRequest, bySilence: boolean, reader: BodyReader): Slot {
    if (this.timeoutMs === 0 || request.complete) return -1;
    const slot = this.free.pop() ?? this.slots.length;
    this.slots[slot] = { request, reader, bySilence, since: this.now(), bytes: request.socket.bytesRead };
    return slot;
  }

  /** Once for each slot that was given. */
  remove(slot: Slot): void {
    if (slot === -1) return;
    this.slots[slot] = null;
    this.free.push(slot);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private sweep(): void {
    const now = this.now();
    for (const entry of this.slots) {
      if (entry === null) continue;
      const { bytesRead } = entry.request.socket;
      // What came since counts as life; so does our own pause, which is the backend's slowness and not the client's.
      if (entry.bySilence && (bytesRead !== entry.bytes || entry.request.isPaused())) {
        entry.bytes = bytesRead;
        entry.since = now;
      } else if (now - entry.since > this.timeoutMs) {
        entry.reader.cutOff(new GatewayError('REQUEST_TOO_SLOW'));
      }
    }
  }
}
