import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { INTERNAL, RunnerError } from '../errors.js';
import { errorReply, type Reply } from '../reply.js';
import { route, type Routes } from './route.js';

export interface ListenOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** How long `close` waits for calls under way before it cuts them off; ms, default 1000. */
  readonly graceMs?: number;
}

export interface Listening {
  readonly port: number;
  /** Takes no new connections, lets calls end within the grace, then cuts off what is left. */
  close(): Promise<void>;
}

/** Longer than clients keep an idle connection, so that they close it, not we under their next request. */
const KEEP_ALIVE_MS = 75_000;
const REQUEST_MS = 60_000;

/** Opens a server for the routes. @throws what Node says, such as EADDRINUSE. */
export async function serve(
  routes: Routes,
  { port = 0, host = '127.0.0.1', graceMs = 1000 }: ListenOptions,
): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS }, (request, response) => {
    void answer(routes, request, response, () => server.listening);
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(BAD_REQUEST);
    else socket.destroy();
  });
  server.listen(port, host);
  await once(server, 'listening');
  let closed: Promise<void> | null = null;
  return { port: (server.address() as AddressInfo).port, close: () => (closed ??= close(server, graceMs)) };
}

const BAD_REQUEST =
  'HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n' +
  '{"error":{"code":400,"message":"The request is not HTTP."}}';

async function close(server: Server, graceMs: number): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await ended;
  clearTimeout(timer);
}

async function answer(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
  isOpen: () => boolean,
): Promise<void> {
  const caller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) caller.abort();
  });
  try {
    send(response, await route(routes, request, caller.signal), isOpen());
  } catch (error) {
    if (response.destroyed) return;
    if (!(error instanceof RunnerError)) routes.report(error, request.url ?? '');
    const known = error instanceof RunnerError ? error : new RunnerError(INTERNAL, 'The runner failed.');
    if (!response.headersSent) send(response, errorReply(known), isOpen());
    else response.destroy();
  }
  // A body that nobody asked for must not stop the next request on this connection.
  request.resume();
}

function send(response: ServerResponse, { status, headers, body, reset }: Reply, isOpen: boolean): void {
  if (reset) {
    // With RST rather than FIN where the socket still is one: what a crashed process looks like.
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
    ...(isOpen ? {} : { connection: 'close' }),
  });
  response.end(body);
}
