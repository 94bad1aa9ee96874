import { Agent } from 'undici';
import { GatewayError } from '../../../errors/gateway.error.js';
import { LAST_STATUS } from '../../execute/http-call.js';
import { translated } from '../../execute/http-failure.js';

/** Connections to one server; more calls wait for one, within their own time. */
const MOST_CONNECTIONS = 64;
const CONNECT_MS = 10_000;
/** Shorter than that of servers, which close a connection just as a call begins on it otherwise. */
const IDLE_MS = 10_000;
const MOST_HEADER_BYTES = 65_536;
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** What a message of oauth4webapi is sent as. */
export interface OidcMessage {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
}

export interface OidcBounds {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

/** Sends one message and reads the whole answer. Redirects are answers, never followed: credentials go where the record says, alone. */
export interface OidcFetch {
  /** @throws GatewayError, and the signal's reason */
  fetch(url: string, message: OidcMessage, bounds: OidcBounds): Promise<Response>;
}

/** Connections to OpenID Connect providers: one for a process, closed when it ends. */
export class OidcHttp implements OidcFetch {
  private readonly agent = new Agent({
    ...{ connections: MOST_CONNECTIONS, pipelining: 1, allowH2: false, maxHeaderSize: MOST_HEADER_BYTES },
    ...{ keepAliveTimeout: IDLE_MS, keepAliveMaxTimeout: IDLE_MS, connect: { timeout: CONNECT_MS } },
    // Each call has one signal of ours, of the whole of it.
    ...{ headersTimeout: 0, bodyTimeout: 0 },
  });

  async fetch(url: string, message: OidcMessage, { signal, maxBytes }: OidcBounds): Promise<Response> {
    const { origin, pathname, search } = new URL(url);
    const { method = 'GET', headers = {}, body } = message;
    try {
      signal.throwIfAborted();
      const answer = await this.agent.request({
        ...{ origin, path: pathname + search, method: method, headers: { ...headers }, signal },
        body: body === undefined || body === null ? null : bodyText(body),
      });
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        // Leaving the loop closes the connection.
        if (bytes > maxBytes) throw new GatewayError('ANSWER_TOO_LARGE');
        chunks.push(chunk);
      }
      return responseOf(answer.statusCode, answer.headers, Buffer.concat(chunks, bytes));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw error instanceof Error ? translated(error, true) : error;
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

function bodyText(body: unknown): string {
  if (body instanceof URLSearchParams || typeof body === 'string') return String(body);
  throw new TypeError('A message has a form or a text.');
}

function responseOf(status: number, fields: Record<string, string | string[] | undefined>, body: Buffer): Response {
  if (status < 200 || status > LAST_STATUS)
    throw new GatewayError('ANSWER_UNREADABLE', { cause: 'the status means nothing' });
  const headers = new Headers();
  for (const name of READ_HEADERS) {
    const value = fields[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), { status, headers });
}

/**
 * The headers that count. Not WWW-Authenticate: where an answer has it the library reads no further, and what the body says of the
 * refusal would be lost.
 */
const READ_HEADERS = ['content-type', 'location'];
