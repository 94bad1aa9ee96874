import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteSink, ByteSource } from '../../contracts/bytes.js';
import type { GatewayOptions } from '../../contracts/gateway-options.js';
import type { Exchange, ReplyWriter } from '../exchange.js';
import type { Answer } from '../stage.js';
import type { HttpBody } from './body-source.js';
import { pushIds } from './answer-ids.js';
import { applyCors } from './cors.js';
import { connectionOf } from './connection.js';
import type { EdgeRequest } from './edge-request.js';

/** A body that is left unread and at most this long is drained by Node, so that the connection can be kept. */
const DRAIN_BYTES = 65_536;
/** How much and how long we go on reading what a refused client still sends, so that it can read our answer (RFC 9112, 9.6). */
const LINGER_BYTES = 4_194_304;
const LINGER_MS = 2000;
/** A body of bytes up to this length goes out together with the head. */
const ONE_PIECE_BYTES = 8192;

/** Writes one answer over HTTP/1.1. */
export class HttpReply implements ReplyWriter {
  private sent = false;
  /** Set where the framing of what follows on the connection cannot be trusted. */
  closesConnection = false;

  constructor(
    private readonly request: EdgeRequest,
    private readonly response: ServerResponse,
    private readonly body: HttpBody,
    private readonly options: GatewayOptions,
  ) {}

  get gone(): boolean {
    return this.sent || this.response.destroyed || this.request.socket.destroyed;
  }

  send(exchange: Exchange, answer: Answer, ruleHeaders: readonly string[]): void {
    if (this.gone) {
      if (isSource(answer.body)) answer.body.cancel();
      return;
    }
    this.sent = true;
    exchange.status = answer.status;
    exchange.code = answer.code;
    const headers = ruleHeaders.slice();
    if (answer.headers !== null) for (const item of answer.headers) headers.push(item);
    if (exchange.addedHeaders !== null) for (const item of exchange.addedHeaders) headers.push(item);
    pushIds(headers, exchange, answer.status, this.options);
    const { cors } = this.options;
    if (cors !== null) applyCors(headers, exchange.head, cors, this.options.trustedProxies);
    const lingers = this.mustLinger();
    if (this.request.listener!.draining) this.closeWith(exchange);
    if (lingers || this.closesConnection) headers.push('Connection', 'close');
    if (answer.contentType !== null && exchange.rule?.ownHeaders.has('content-type') !== true)
      headers.push('Content-Type', answer.contentType);
    this.write(exchange, answer, headers, lingers);
  }

  abandon(): void {
    this.sent = true;
    this.response.destroy();
  }

  /** A drain ends each connection with an answer; not with one that others wait behind, which would never be sent. */
  private closeWith(exchange: Exchange): void {
    const connection = connectionOf(this.request.socket);
    if (connection.endsWith(exchange)) this.closesConnection = connection.closing = true;
  }

  private write(exchange: Exchange, answer: Answer, headers: string[], lingers: boolean): void {
    const { response } = this;
    const { status } = answer;
    const isBodiless = status === 204 || status === 304 || exchange.head.method === 'HEAD';
    const body = isSource(answer.body) ? (answer.body.whole() ?? answer.body) : answer.body;
    if (isSource(body)) {
      response.writeHead(status, headers);
      if (!isBodiless) return this.stream(exchange, body);
      body.cancel();
      return this.end('', 'latin1', lingers);
    }
    const bytes = body === null ? 0 : Buffer.byteLength(body);
    if (status !== 204 && status !== 304 && !hasLength(answer)) headers.push('Content-Length', String(bytes));
    response.writeHead(status, headers);
    if (isBodiless || body === null) return this.end('', 'latin1', lingers);
    exchange.responseBytes = bytes;
    // As text of one byte a character, head and body go out in one piece, and need no encoding.
    if (typeof body === 'string') this.end(body, bytes === body.length ? 'latin1' : 'utf8', lingers);
    else if (bytes <= ONE_PIECE_BYTES) this.end(body.toString('latin1'), 'latin1', lingers);
    else this.end(body, 'latin1', lingers);
  }

  private stream(exchange: Exchange, source: ByteSource): void {
    this.response.flushHeaders();
    source.deliver(new ResponseSink(this.response, exchange, source));
  }

  private end(body: string | Buffer, encoding: 'latin1' | 'utf8', lingers: boolean): void {
    const { response } = this;
    if (!lingers) {
      response.end(body, encoding);
      return;
    }
    // The answer is complete by its length; the end waits until the client has stopped sending, since closing a socket with unread
    // bytes in it resets it, and takes the answer away from the client.
    if (body.length === 0) response.flushHeaders();
    else response.write(body, encoding);
    linger(this.request, response);
  }

  private mustLinger(): boolean {
    const { body } = this;
    if (!body.hasBody || body.complete || body.awaitsContinue) {
      if (body.awaitsContinue && body.hasBody) this.closesConnection = true;
      return false;
    }
    if (body.started || body.length === null || body.length > DRAIN_BYTES) return true;
    body.discard();
    return false;
  }
}

function isSource(body: Answer['body']): body is ByteSource {
  return typeof body === 'object' && body !== null && 'deliver' in body;
}

/** A backend's own Content-Length passes: it is right for HEAD too, where we have no body to measure. */
function hasLength(answer: Answer): boolean {
  const { headers } = answer;
  if (headers === null) return false;
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === 'content-length') return true;
  return false;
}

function linger(request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0;
  const finish = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(finish, LINGER_MS);
  timer.unref();
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) finish();
  });
  request.once('end', finish).once('close', finish).on('error', finish);
  request.resume();
}

/** Carries a backend's bytes to the client as fast as both go. */
class ResponseSink implements ByteSink {
  constructor(
    private readonly response: ServerResponse,
    private readonly exchange: Exchange,
    source: ByteSource,
  ) {
    response.on('drain', () => source.resume());
  }

  write(chunk: Buffer): boolean {
    this.exchange.responseBytes += chunk.length;
    return this.response.write(chunk);
  }

  end(): void {
    this.response.end();
  }

  /** The head is out: all that is left to tell the client is a connection that ends too early. */
  fail(error: Error): void {
    this.exchange.cause ??= error;
    this.exchange.error ??= 'BACKEND_BROKE_OFF';
    this.response.destroy();
  }
}
