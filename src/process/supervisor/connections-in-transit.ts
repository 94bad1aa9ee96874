import type { Worker } from 'node:cluster';

/** A connection as node:cluster hands it on: not a socket yet. */
interface ConnectionHandle {
  close(): void;
}

/** How node:cluster tells a worker of a connection. */
interface NewConnection {
  readonly act?: string;
  /** Which listener it came to. */
  readonly key?: string;
}

type Send = (message: NewConnection, handle?: ConnectionHandle, ...more: unknown[]) => boolean;

/**
 * Connections that were handed to a worker which has not said yet that it has them. Node forgets those of a worker that dies: they stay
 * open in the supervisor, and their clients would wait for ever. Here they are closed, so that clients try anew.
 */
export class ConnectionsInTransit {
  /** Who was given it last: what a worker does not take is given to another. */
  private readonly holders = new WeakMap<ConnectionHandle, Worker>();
  /** The last of each listener by worker: the next comes only once that has arrived. */
  private readonly last = new Map<Worker, Map<string, ConnectionHandle>>();

  watch(worker: Worker): void {
    const ofWorker = new Map<string, ConnectionHandle>();
    this.last.set(worker, ofWorker);
    const child = worker.process as unknown as { send: Send };
    const { send } = child;
    child.send = (message, handle, ...more) => {
      if (message.act === 'newconn' && handle !== undefined) {
        this.holders.set(handle, worker);
        ofWorker.set(message.key ?? '', handle);
      }
      return send.call(child, message, handle, ...more);
    };
  }

  /** The worker has ended. Closing what it had taken changes nothing: Node has let go of that itself. */
  ended(worker: Worker): void {
    for (const handle of this.last.get(worker)?.values() ?? []) {
      if (this.holders.get(handle) === worker) handle.close();
    }
    this.last.delete(worker);
  }
}
