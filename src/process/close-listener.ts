import { readFileSync } from 'node:fs';
import { Server as NetServer, Socket, type Server } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** Node's handle of a socket, as far as it is looked at here. It is no public interface: whatever is not there is done without. */
interface Handle {
  listen?(backlog: number): number;
  getpeername?(into: object): number;
  getsockname?(into: { port?: number }): number;
}
const handleOf = (owner: Server | Socket): Handle | null => (owner as unknown as { _handle: Handle | null })._handle;

/** Node's own. */
const USUAL_BACKLOG = 511;
const SMALL_BACKLOG = 16;
/** Linux keeps one connection more than the backlog says. */
const PLACES = SMALL_BACKLOG + 1;
/** While more than that wait, nobody begins a new one; so many of ours may be taken before those that came before them. */
const LOW_BACKLOG = 4;
/** A client whose first packet got lost sends it again after 200 ms; a busy machine needs several tries. */
const MOST_MS = 2000;
const PAUSE_MS = 5;
const TAKEN_MS = 200;

/**
 * Closes a listening socket, and no connection. A plain close resets those that the kernel has taken and Node has not, or that are just
 * coming about: their clients have sent their request, and see it lost (a balancer may not send a POST again). So the kernel's queue is
 * filled with connections of our own: while it is full, nobody begins a new one. When Node has taken the others that stood in it, only ours are
 * left, and if no handshake is under way, there is nobody whom the close could hurt. Whoever asks then is refused, and goes to another
 * replica. Where that cannot be had, the listener is closed all the same.
 */
export async function closeListener(server: Server): Promise<void> {
  const address = server.address();
  const handle = handleOf(server);
  if (address !== null && typeof address === 'object' && handle?.listen !== undefined) {
    const { port } = address;
    const host = loopbackOf(address.address);
    for (const endsAt = performance.now() + MOST_MS; performance.now() < endsAt; await delay(PAUSE_MS)) {
      await turn();
      handle.listen(SMALL_BACKLOG);
      const ours = Array.from({ length: PLACES }, () => connected(port, host));
      // Node begins to connect in the next tick, which no event of others comes before; on the loopback that is all it takes.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      const ports = new Set(ours.filter(isConnected).map(portOf));
      handle.listen(LOW_BACKLOG);
      const isClosed = ports.size === PLACES ? closeUnlessHurt(server, port) : await closedAfter(server, port, ports);
      if (!isClosed) handle.listen(USUAL_BACKLOG);
      for (const socket of ours) socket.destroy();
      if (isClosed) return;
    }
  }
  close(server);
}

/** Closes as soon as those have been taken which are not ours; not if so many of ours were taken before that others may have come. */
function closedAfter(server: Server, port: number, ours: ReadonlySet<number>): Promise<boolean> {
  return new Promise((resolve) => {
    let [left, waiting] = [PLACES - ours.size, PLACES];
    const settle = (isClosed: boolean): void => {
      clearTimeout(timer);
      server.off('connection', take);
      resolve(isClosed);
    };
    const take = (socket: Socket): void => {
      waiting--;
      if (!ours.has(socket.remotePort ?? 0)) left--;
      if (left === 0) settle(waiting > LOW_BACKLOG && closeUnlessHurt(server, port));
      else if (waiting <= LOW_BACKLOG) settle(false);
    };
    const timer = setTimeout(settle, TAKEN_MS, false);
    server.on('connection', take);
  });
}

/** In the same turn, in which Node takes nobody. */
function closeUnlessHurt(server: Server, port: number): boolean {
  const hurtsNobody = handshakes(port) === 0;
  if (hurtsNobody) close(server);
  return hurtsNobody;
}

/** That of an HTTP server would also cut the connections on which nothing is under way. */
function close(server: Server): void {
  NetServer.prototype.close.call(server);
}

function connected(port: number, host: string): Socket {
  const socket = new Socket();
  socket.on('error', () => undefined);
  return socket.connect({ port, host });
}

function isConnected(socket: Socket): boolean {
  return handleOf(socket)?.getpeername?.({}) === 0;
}

/** Ours, as the other end sees it. */
function portOf(socket: Socket): number {
  const own: { port?: number } = {};
  handleOf(socket)?.getsockname?.(own);
  return own.port ?? 0;
}

function loopbackOf(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

const SYN_RECEIVED = '03';
/** How many clients of that port have begun to connect: from Linux' own table; elsewhere it is not known. */
function handshakes(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let count = 0;
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of tableOf(file)) {
      const [, own, , state] = line.trim().split(/\s+/, 4);
      if (state === SYN_RECEIVED && own?.endsWith(local) === true) count++;
    }
  }
  return count;
}

function tableOf(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n');
  } catch {
    return [];
  }
}
