import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ERRORS, type ErrorName } from '../../errors/error-table.js';
import type { Exchange } from '../exchange.js';
import { errorBody } from '../respond/error-body.js';
import type { HttpBody } from './body-source.js';
import type { ExchangeEnder } from './edge-request.js';
import { METHODS_SERVED } from './wire.js';

const CONNECTION = Symbol('connection');
/** How long a refused client may go on sending before its socket is closed for good. */
const LINGER_MS = 1000;

/** An answer where there is no request to answer to. */
export interface RawRefusal {
  readonly error: ErrorName;
  readonly requestId: string;
  /** Lines of the head that every answer has: security, ids. */
  readonly headers: string;
}

/** State of one client connection. */
export class Connection {
  /** Address of the peer: read once, since a socket that has closed no longer tells. */
  readonly peer: string;
  /** Set where the framing of what follows cannot be trusted. */
  closing = false;
  private readonly pending: Exchange[] = [];
  private lastBody: HttpBody | null = null;
  private ender: ExchangeEnder | null = null;
  private fault: RawRefusal | null = null;
  private refused = false;

  constructor(private readonly socket: Socket) {
    this.peer = socket.remoteAddress ?? '';
    socket.on('close', () => this.onSocketClosed());
  }

  begin(exchange: Exchange, body: HttpBody, ender: ExchangeEnder): void {
    this.pending.push(exchange);
    this.lastBody = body;
    this.ender = ender;
  }

  end(exchange: Exchange): void {
    const index = this.pending.indexOf(exchange);
    if (index === this.pending.length - 1) this.pending.pop();
    else if (index !== -1) this.pending.splice(index, 1);
    if (this.pending.length === 0 && this.fault !== null) this.refuseRaw(this.fault);
  }

  /** Whether nothing else is answered on it after this. */
  endsWith(exchange: Exchange): boolean {
    return this.pending.at(-1) === exchange;
  }

  /**
   * What came is no HTTP. A good request before it (pipelining) gets its own answer first; where it broke the body of that very
   * request, the answer to it says so.
   * @param hasEnded the client has ended the connection: inside the body of its only request it has gone
   */
  fail(refusal: RawRefusal, hasEnded = false): void {
    if (this.fault !== null || this.refused) return;
    if (this.pending.length === 0) return this.refuseRaw(refusal);
    if (this.lastBody === null || !this.lastBody.hasBody || this.lastBody.complete) this.fault = refusal;
    else if (hasEnded && this.pending.length === 1) this.socket.destroy();
    else this.lastBody.breakOff();
  }

  /** Answers where there is no request to answer to. */
  private refuseRaw({ error, requestId, headers }: RawRefusal): void {
    const { socket } = this;
    if (this.refused || !socket.writable) return;
    this.refused = true;
    const entry = ERRORS[error];
    const body = errorBody({ ...entry, payload: null }, requestId);
    const allow = error === 'METHOD_NOT_ALLOWED' ? `Allow: ${METHODS_SERVED}\r\n` : '';
    socket.end(
      `HTTP/1.1 ${entry.status} ${STATUS_CODES[entry.status]}\r\n${headers}Content-Type: application/json\r\n${allow}` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
    // Closed at once, what is unread in it would reset it, and the client would not see the answer.
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  /** Responses that still waited for their turn get no 'close' of their own from Node. */
  private onSocketClosed(): void {
    for (const exchange of this.pending.splice(0)) this.ender?.end(exchange, false);
  }
}

export function connectionOf(socket: Socket): Connection {
  const known = (socket as { [CONNECTION]?: Connection })[CONNECTION];
  if (known !== undefined) return known;
  const made = new Connection(socket);
  (socket as unknown as { [CONNECTION]: Connection })[CONNECTION] = made;
  return made;
}
