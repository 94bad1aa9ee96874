import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ListenerKind } from '../../contracts/edge-view.js';
import type { ListenAddress, Listening } from '../listening.js';
import type { ListenFault, WorkerMessage } from './messages.js';

/** What a supervisor needs at most to close a socket, and some more: one that hangs keeps nobody from ending. */
const LEAVE_MS = 5000;

interface Entry {
  readonly server: Server;
  readonly entered: PromiseWithResolvers<number>;
  readonly left: PromiseWithResolvers<void>;
}

/** Of a worker: its supervisor listens, and gives it connections. */
export class SuppliedListening implements Listening {
  private readonly entries = new Map<ListenerKind, Entry>();

  constructor(private readonly send: (message: WorkerMessage) => Promise<void>) {}

  async open(server: Server, kind: ListenerKind, at: ListenAddress): Promise<number> {
    const entry = { server, entered: Promise.withResolvers<number>(), left: Promise.withResolvers<void>() };
    this.entries.set(kind, entry);
    await this.send({ kind: 'enter', listener: kind, at });
    return entry.entered.promise;
  }

  async close(_server: Server, kind: ListenerKind): Promise<void> {
    const entry = this.entries.get(kind);
    if (entry === undefined) return;
    const isTold = await this.send({ kind: 'leave', listener: kind }).then(
      () => true,
      // Without a supervisor nobody gives connections.
      () => false,
    );
    if (isTold) await Promise.race([entry.left.promise, delay(LEAVE_MS, undefined, { ref: false })]);
  }

  entered(kind: ListenerKind, outcome: number | ListenFault): void {
    const entry = this.entries.get(kind);
    if (entry === undefined) return;
    if (typeof outcome !== 'number') return entry.entered.reject(Object.assign(new Error(outcome.message), outcome));
    // Node begins to watch over connections with it.
    entry.server.emit('listening');
    entry.entered.resolve(outcome);
  }

  /** @param socket null where its client has gone on the way */
  take(kind: ListenerKind, socket: Socket | null): void {
    void this.send({ kind: 'taken', listener: kind }).catch(() => undefined);
    const server = this.entries.get(kind)?.server;
    if (socket === null || server === undefined) return void socket?.destroy();
    // What a server that listens itself does for its connections.
    socket.setNoDelay(true);
    server.emit('connection', socket);
  }

  left(kind: ListenerKind): void {
    this.entries.get(kind)?.left.resolve();
  }
}
