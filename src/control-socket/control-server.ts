import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { LocalAdministration } from '../admin/local-administration.js';
import type { ComponentEdits } from '../components/database/component-edits.js';
import type { Log } from '../components/load-log.js';
import type { ComponentControl } from '../contracts/component-control.js';
import { WrongInput } from './control-input.js';
import { type ControlReply, type ControlRoutes, controlRoutes } from './control-routes.js';
import { type PlacedSocket, placeSocket } from './place-socket.js';
import { JsonBodies, MOST_BODY_BYTES } from './read-body.js';
import { SOCKET_NAME } from './socket-path.js';

export interface ControlServerOptions {
  /** data.folder; must be there. */
  readonly folder: string;
  readonly control: ComponentControl;
  readonly edits: ComponentEdits;
  readonly log: Log;
  readonly gatewayId?: string;
  readonly administration?: LocalAdministration;
  /** Of all bodies at one time. */
  readonly mostBodyBytes?: number;
  /** Of one answer. */
  readonly mostAnswerBytes?: number;
}

const HEADERS_MS = 10_000;
/** For a whole request to come in. */
const REQUEST_MS = 120_000;
const KEEP_ALIVE_MS = 5000;
/** For each step of an answer to be taken. */
const TAKEN_MS = 60_000;
const CHECK_MS = 5000;
const MOST_CONNECTIONS = 32;
/** As much as a body may have: what `dump` gives `apply` takes. */
const MOST_ANSWER_BYTES = MOST_BODY_BYTES;

/**
 * Answers `sluice refresh`, `show`, `apply`, … of this user: HTTP with JSON over a Unix socket in data.folder, mode 0600. A gateway
 * runs without one as well: what keeps it from opening is a warning in the log.
 */
export class ControlServer {
  private readonly server: Server;
  private readonly routes: ControlRoutes;
  private readonly bodies: JsonBodies;
  private socket: PlacedSocket | null = null;

  constructor(private readonly options: ControlServerOptions) {
    this.routes = controlRoutes({
      ...options,
      gatewayId: options.gatewayId ?? null,
      administration: options.administration ?? null,
    });
    this.bodies = new JsonBodies(options.mostBodyBytes);
    this.server = createServer(
      {
        headersTimeout: HEADERS_MS,
        requestTimeout: REQUEST_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: CHECK_MS,
      },
      (request, response) => void this.serve(request, response),
    );
    this.server.maxConnections = MOST_CONNECTIONS;
  }

  /** Never throws. */
  async open(): Promise<void> {
    const { folder, log } = this.options;
    const path = join(folder, SOCKET_NAME);
    try {
      this.socket = await placeSocket(this.server, folder);
      this.server.on('error', (error) => log('warn', 'The control socket failed.', { path, reason: error.message }));
      if (this.socket !== null) return;
      log('warn', 'Another process answers on the control socket of this data.folder; this gateway has none.', {
        path,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log('warn', 'The control socket cannot be opened; sluice commands do not reach this gateway.', { path, reason });
    }
  }

  /** Ends connections, and removes the socket. */
  async close(): Promise<void> {
    const { socket, server } = this;
    if (socket === null) return;
    this.socket = null;
    await socket.remove();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await socket.release();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(response, textOf(await this.reply(request), this.options.mostAnswerBytes ?? MOST_ANSWER_BYTES));
    } catch {
      // Whoever asked is gone.
      request.socket.destroy();
    }
  }

  private async reply(request: IncomingMessage): Promise<ControlReply> {
    const { method = '', url = '' } = request;
    const { pathname, searchParams: query } = URL.parse(url, 'http://control') ?? new URL('http://control');
    const methods = this.routes.get(pathname);
    if (methods === undefined) return failed(404, 'There is no such route.');
    const route = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (route === undefined) return failed(405, `Use ${Object.keys(methods).join(' or ')}.`);
    const body = method === 'POST' ? await this.bodies.read(request) : { state: 'read' as const, value: null };
    if (body.state === 'bad') return failed(400, body.message);
    if (body.state === 'large') return failed(413, 'The body is too large; give fewer records at a time.');
    if (body.state === 'full') return failed(503, 'Other requests fill the memory for bodies; try again.');
    try {
      return await route({ query, body: body.value });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof WrongInput) return failed(400, message);
      this.options.log('error', 'A request over the control socket failed.', { route: pathname, reason: message });
      return failed(500, message);
    }
  }
}

const failed = (status: number, error: string): ControlReply => ({ status, body: { error } });

interface ReplyText {
  readonly status: number;
  readonly text: string;
}

/** What is too large to be held is told in its place. */
function textOf({ status, body }: ControlReply, mostBytes: number): ReplyText {
  try {
    const text = JSON.stringify(body);
    if (Buffer.byteLength(text) <= mostBytes) return { status, text };
  } catch (error) {
    // No text may be as long as that.
    if (!(error instanceof RangeError)) throw error;
  }
  const mib = Math.floor(mostBytes / 1024 / 1024);
  const { status: refused, body: why } = failed(
    507,
    `The answer has more than the ${mib} MiB that go over the control socket. Ask for less; with database.url, sluice dump asks the database itself.`,
  );
  return { status: refused, text: JSON.stringify(why) };
}

function send(response: ServerResponse, { status, text }: ReplyText): void {
  response.setTimeout(TAKEN_MS, () => response.destroy());
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    // What is left of a body that was refused is not read.
    ...(status === 413 || status === 503 ? { Connection: 'close' } : {}),
  });
  response.end(text);
}
