import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { closeListener } from '../close-listener.js';
import type { ListenAddress } from '../listening.js';

/** Connections that no worker has come to yet, past which new ones are cut: they fill no memory. */
const MOST_WAITING = 4096;

/** A worker, as one who takes connections. */
export interface Taker {
  /** Who has it calls `taken`. The socket stays open here until then: Node would forget one whose worker dies on the way. */
  give(socket: Socket): void;
  /** It has arrived: ours is needed no more. */
  letGo(socket: Socket): void;
}

interface Turn {
  readonly taker: Taker;
  /** What is on its way to it. */
  given: Socket | null;
  /** Gets no more, and is told when the last has arrived. */
  left: (() => void) | null;
}

/**
 * One listening socket of this host, whose connections go to the workers in turn: one at a time to each, so that one who stopped holds
 * up one connection and no more. It listens while there is a worker. It is ours and not that of node:cluster, which resets whatever has
 * connected and is not served yet when its last worker closes: a request may have been sent on it.
 */
export class SharedListener {
  private server: Server | null = null;
  private opened: Promise<number> | null = null;
  private closing: Promise<void> | null = null;
  private turns: readonly Turn[] = [];
  /** Who waits for a connection, longest first. */
  private free: Turn[] = [];
  private readonly waiting: Socket[] = [];

  /**
   * Resolves with the port, and connections come from then on.
   * @param isThere whether it still is, by the time that the socket listens
   * @throws what listening gives
   */
  async enter(taker: Taker, at: ListenAddress, isThere: () => boolean): Promise<number> {
    for (;;) {
      await this.closing;
      const opened = (this.opened ??= this.open(at));
      const port = await opened;
      // Others may have gone meanwhile, and the socket with them.
      if (this.opened !== opened || this.closing !== null) continue;
      if (isThere()) this.add(taker);
      else this.closeUnused();
      return port;
    }
  }

  /** What was given to it has arrived. */
  taken(taker: Taker): void {
    const turn = this.turnOf(taker);
    if (turn === null) return;
    if (turn.given !== null) taker.letGo(turn.given);
    turn.given = null;
    this.release(turn);
  }

  /** Resolves when it gets no more, and what it was given has arrived. The last that leaves closes the socket, and takes whoever came before. */
  async leave(taker: Taker): Promise<void> {
    const turn = this.turnOf(taker);
    if (turn === null || turn.left !== null) return;
    const isLast = this.turns.every((other) => other === turn || other.left !== null);
    if (isLast) await this.close();
    // It may have ended meanwhile.
    if (this.turnOf(taker) !== turn) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    turn.left = resolve;
    this.release(turn);
    await promise;
  }

  /** It takes nothing any more; what it was given is lost. */
  ended(taker: Taker): void {
    const turn = this.turnOf(taker);
    if (turn === null) return;
    this.remove(turn);
    turn.given?.destroy();
    turn.left?.();
    this.closeUnused();
  }

  private add(taker: Taker): void {
    const turn: Turn = { taker, given: null, left: null };
    this.turns = [...this.turns, turn];
    this.release(turn);
  }

  private async open({ host, port }: ListenAddress): Promise<number> {
    const server = createServer({ pauseOnConnect: true }, (socket) => this.take(socket));
    this.server = server;
    try {
      server.listen(port, host);
      await once(server, 'listening');
    } catch (error) {
      this.server = this.opened = null;
      throw error;
    }
    // What goes wrong from now on is the matter of one connection: descriptors are short.
    server.on('error', () => undefined);
    return (server.address() as AddressInfo).port;
  }

  private close(): Promise<void> {
    const { server } = this;
    if (server === null) return Promise.resolve();
    return (this.closing ??= closeListener(server).finally(() => {
      this.server = this.opened = this.closing = null;
    }));
  }

  /** Nobody is there who would take what comes. */
  private closeUnused(): void {
    if (this.turns.length > 0) return;
    for (const socket of this.waiting.splice(0)) socket.destroy();
    if (this.closing !== null) return;
    this.server?.close();
    this.server = this.opened = null;
  }

  private take(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.turns.length === 0 || this.waiting.length >= MOST_WAITING) {
      socket.destroy();
      return;
    }
    this.waiting.push(socket);
    this.distribute();
  }

  /** It has nothing on its way. One who leaves takes what waits where nobody else is there to. */
  private release(turn: Turn): void {
    if (turn.given !== null) return;
    const goesOn = turn.left === null || (this.waiting.length > 0 && this.turns.length === 1);
    if (goesOn) {
      if (!this.free.includes(turn)) this.free.push(turn);
      return this.distribute();
    }
    this.remove(turn);
    turn.left?.();
  }

  private distribute(): void {
    while (this.free.length > 0 && this.waiting.length > 0) {
      const turn = this.free.shift()!;
      turn.given = this.waiting.shift()!;
      turn.taker.give(turn.given);
    }
  }

  private remove(turn: Turn): void {
    this.turns = this.turns.filter((other) => other !== turn);
    this.free = this.free.filter((other) => other !== turn);
  }

  private turnOf(taker: Taker): Turn | null {
    return this.turns.find((turn) => turn.taker === taker) ?? null;
  }
}
