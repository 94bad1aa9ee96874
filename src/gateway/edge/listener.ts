import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { Lifecycle } from '../../contracts/drain.js';
import type { ListenerKind } from '../../contracts/edge-view.js';
import { ERRORS, type ErrorName } from '../../errors/error-table.js';
import { Exchange, type RequestHead } from '../exchange.js';
import { AUTH_MOUNT } from '../flows/flow-path.js';
import { normalPath } from '../resolve/normal-path.js';
import { refusal, type Refusal } from '../stage.js';
import { HttpBody } from './body-source.js';
import { BodyWatch } from './body-watch.js';
import { rawHeaders } from './answer-ids.js';
import { connectionOf, type RawRefusal } from './connection.js';
import { EdgeRequest } from './edge-request.js';
import { HttpReply } from './http-reply.js';
import type { RequestIds } from './request-id.js';
import { wireFault } from './wire.js';

const AUTH_PREFIX = `/${AUTH_MOUNT}/`;
const CONTROL_PATH = '/api/control';
const PATH_INVALID = refusal('PATH_INVALID');
const NOT_FOUND = refusal('NOT_FOUND');
/** How long a request may be on its way on a connection that was there before the listener closed. */
const LATE_REQUEST_MS = 300;

/** What the listener hands its requests to. */
export interface ListenerPorts {
  /** A request of a channel. */
  dispatch(exchange: Exchange): void;
  /** A request that may not go further. */
  refuse(exchange: Exchange, verdict: Refusal): void;
  /** After the reply, or when the client has gone. */
  record(exchange: Exchange): void;
  /** Of what never became a request. */
  recordBroken(error: ErrorName): void;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server with the limits of the settings, and nobody who answers yet. */
export function openServer(options: GatewayOptions): Server {
  return createServer({
    IncomingMessage: EdgeRequest,
    maxHeaderSize: options.maxHeaderBytes,
    headersTimeout: options.headersTimeoutMs,
    // Node's would bound a whole upload; the body watch bounds silence instead.
    requestTimeout: 0,
    keepAliveTimeout: options.keepAliveTimeoutMs,
    // Node looks at its timeouts only this often, 30 s by default.
    connectionsCheckingInterval: Math.max(50, Math.min(1000, options.headersTimeoutMs / 4 || 1000)),
    // Ours answers with a JSON error, and sees repeated ones.
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
  });
}

/**
 * EDGE: the HTTP servers and their limits. Calls of channels go straight to the pipeline: Fastify's and Nest's routers, whose answer
 * is known beforehand, would cost a refusal as much again (docs/performance.md). Makes an exchange of every request, refuses what the wire may not carry, and sees each
 * one to its end, also when its connection breaks.
 */
export class Listener {
  readonly watch: BodyWatch;
  /**
   * A count, no set: one whose members come and go leaves old tables behind that hold them until a full collection, which cost more
   * than everything else here, and pauses. Who is in flight stands with its connection.
   */
  private open = 0;
  private readonly servers: Server[] = [];
  private publicServer: Server | null = null;
  private idle: (() => void) | null = null;

  // eslint-disable-next-line max-params -- what an edge consists of; made in one place
  constructor(
    private readonly options: GatewayOptions,
    private readonly lifecycle: Lifecycle,
    private readonly ids: RequestIds,
    private readonly ports: ListenerPorts,
    /** First segments of paths that go through Nest's router: health and the like. */
    private readonly lowRate: ReadonlySet<string>,
  ) {
    this.watch = new BodyWatch(options.requestTimeoutMs);
  }

  /** Requests in flight. */
  get inFlight(): number {
    return this.open;
  }

  /** Puts the edge in front of a server that `openServer` made: its requests go to the handler as exchanges. */
  attach(server: Server, kind: ListenerKind, handler: RequestHandler): void {
    const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
      this.begin(kind, request as EdgeRequest, response, handler);
    // Past 2000 headers Node would drop the rest in silence; their bytes are bounded as it is.
    server.maxHeadersCount = 0;
    server.on('request', onRequest);
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      (request as EdgeRequest).awaitsContinue = true;
      onRequest(request, response);
    });
    server.on('checkExpectation', onRequest);
    server.on('clientError', (error: ParserError, socket: Socket) => this.onClientError(error, socket));
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      // Node has let go of both: an error that nobody hears would end the process.
      request.on('error', () => undefined);
      socket.on('error', () => socket.destroy());
      connectionOf(socket).fail(this.rawRefusal('METHOD_NOT_ALLOWED'));
    });
    this.servers.push(server);
    if (kind === 'public') this.publicServer = server;
  }

  /** From SIGTERM on: answers tell clients to close their connections. */
  get draining(): boolean {
    return this.lifecycle.draining;
  }

  /**
   * Closes the public listener. Resolves when nothing is in flight any more, or after the grace; then every connection is cut. Those on which
   * nothing is under way stay open for a moment: a request may be on its way to us, and then it is served.
   * @param close ends its new connections; null where none ever came
   */
  async drained(graceMs: number, close: ((server: Server) => Promise<void>) | null): Promise<void> {
    const graceEndsAt = performance.now() + graceMs;
    const server = this.publicServer;
    if (server !== null && close !== null) {
      const closed = once(server, 'close');
      await close(server);
      await Promise.race([closed, delay(Math.min(LATE_REQUEST_MS, graceMs), null, { ref: false })]);
    }
    // What has arrived is read before anything is closed.
    await turn();
    for (const each of this.servers) each.closeIdleConnections();
    if (this.open > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceEndsAt - performance.now());
        this.idle = (): void => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const each of this.servers) each.closeAllConnections();
    this.watch.close();
  }

  private begin(kind: ListenerKind, request: EdgeRequest, response: ServerResponse, handler: RequestHandler): void {
    const { options } = this;
    const connection = connectionOf(request.socket);
    // Where one request ends in doubt, nobody can say where the next begins: it is not read.
    if (connection.closing) return;
    const body = new HttpBody(request, request.awaitsContinue ? response : null, this.watch);
    const reply = new HttpReply(request, response, body, options);
    const fault = wireFault(request, options.maxHeaderBytes / 2);
    const target = request.url!;
    const { headers, httpVersion } = request;
    const head: RequestHead = { method: request.method!, target, headers, peer: connection.peer, httpVersion };
    const exchange = new Exchange(head, body, reply, options);
    this.identify(exchange);
    request.exchange = exchange;
    request.cameBy = kind;
    request.listener = this;
    this.open++;
    connection.begin(exchange, body, this);
    response.on('close', onClose);
    if (fault !== null) {
      reply.closesConnection = connection.closing = fault.error !== 'METHOD_NOT_ALLOWED';
      return this.ports.refuse(exchange, fault);
    }
    // Behind an Upgrade that is ignored Node's parser loses the rest of the packet.
    if (head.headers.upgrade !== undefined) {
      connection.closing = true;
      response.shouldKeepAlive = false;
    }
    const mark = target.indexOf('?');
    if (mark !== -1) exchange.query = target.slice(mark + 1);
    const path = normalPath(mark === -1 ? target : target.slice(0, mark));
    if (path === null && target !== '*') return this.ports.refuse(exchange, PATH_INVALID);
    exchange.path = path ?? '*';
    if (this.isLowRate(exchange.path, kind)) {
      if (this.lifecycle.draining) response.setHeader('Connection', 'close');
      request.url = withoutEmptySegments(target);
      return handler(request, response);
    }
    if (kind === 'management') return this.ports.refuse(exchange, NOT_FOUND);
    this.ports.dispatch(exchange);
  }

  /** Administration and the built-in servers are there on the public listener only. */
  private isLowRate(path: string, kind: ListenerKind): boolean {
    const first = firstSegment(path);
    if (first !== 'api') return this.lowRate.has(first) || (kind === 'public' && this.options.ownSegments.has(first));
    if (path.startsWith(AUTH_PREFIX)) return this.options.authFamilyEnabled;
    const isControl = path === CONTROL_PATH || path.startsWith(`${CONTROL_PATH}/`);
    return isControl && kind === 'public' && this.options.controlEnabled;
  }

  private identify(exchange: Exchange): void {
    const given = this.options.allowRequestId ? exchange.head.headers['x-request-id'] : undefined;
    const adopted = typeof given === 'string' ? this.ids.adopt(given) : null;
    exchange.requestId = adopted ?? this.ids.next();
    exchange.requestIdIsClients = adopted !== null;
  }

  /** Ends an exchange, exactly once: its reply is out, or its client has gone. */
  end(exchange: Exchange, isFinished: boolean): void {
    if (exchange.ended) return;
    exchange.ended = true;
    this.open--;
    if (exchange.requestIdIsClients) this.ids.release(exchange.requestId);
    if (!isFinished) {
      // nginx' number for a client that went away.
      if (exchange.status === 0 || exchange.error === null) exchange.status = CLIENT_GONE;
      exchange.cancel();
    }
    const { place } = exchange;
    exchange.place = null;
    place?.leave();
    this.ports.record(exchange);
    if (this.open === 0) this.idle?.();
  }

  private rawRefusal(error: ErrorName): RawRefusal {
    const requestId = this.ids.next();
    return { error, requestId, headers: rawHeaders(requestId, ERRORS[error].status, this.options) };
  }

  private onClientError(error: ParserError, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const name = clientErrorName(error, this.options.maxHeaderBytes / 2);
    this.ports.recordBroken(name);
    connectionOf(socket).fail(this.rawRefusal(name), error.code === 'HPE_INVALID_EOF_STATE');
  }
}

function firstSegment(path: string): string {
  const slash = path.indexOf('/', 1);
  return slash === -1 ? path.slice(1) : path.slice(1, slash);
}

/** Nest's router would find nothing at such a path, and say so in words of its own. */
function withoutEmptySegments(target: string): string {
  const [path, query] = splitOnce(target, '?');
  const plain = `/${path.split('/').filter(Boolean).join('/')}`;
  return query === null ? plain : `${plain}?${query}`;
}

function splitOnce(text: string, mark: string): readonly [string, string | null] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

const CLIENT_GONE = 499;
/** Shared by all responses; 'close' comes after 'finish', and also when the connection broke before it. */
function onClose(this: ServerResponse): void {
  const request = this.req as EdgeRequest;
  const exchange = request.exchange!;
  // Low-rate controllers answer through Nest, which knows no exchange.
  if (exchange.status === 0 && this.headersSent) exchange.status = this.statusCode;
  connectionOf(request.socket).end(exchange);
  request.listener!.end(exchange, this.writableFinished);
}

type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer; readonly bytesParsed?: number };

const REQUEST_LINE = /^[A-Z-]+ ([^ \r\n]*)( HTTP\/1\.[01]\r\n)?/;

/** What Node's parser or its timers found, in our words. It shows only the piece in which it stopped. */
function clientErrorName(error: ParserError, maxTarget: number): ErrorName {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'REQUEST_TOO_SLOW';
  const line = REQUEST_LINE.exec(error.rawPacket?.toString('latin1') ?? '');
  // A method that the parser does not know, at the beginning of a request that is good HTTP otherwise.
  if (error.code === 'HPE_INVALID_METHOD' && line?.[2] !== undefined && error.bytesParsed! < line[0].length)
    return 'METHOD_NOT_ALLOWED';
  if (error.code !== 'HPE_HEADER_OVERFLOW') return 'REQUEST_UNREADABLE';
  return line !== null && line[1]!.length > maxTarget ? 'TARGET_TOO_LONG' : 'HEADERS_TOO_LARGE';
}
