import { Agent, type Dispatcher } from 'undici';
import { errorCode } from '../../execute/discovery/error-code.js';
import { parsedObject } from '../tokens/json-object.js';

/** Of one whole question, which may take two answers: names looked up and connections made. */
const TIMEOUT_MS = 5000;
/** Documents of the big providers have 2 to 5 KiB, their key sets up to 10. */
const MOST_BYTES = 256 * 1024;
const MOST_CONNECTIONS = 2;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What was asked for cannot be had. The message goes on after the address, and holds nothing that another party wrote. */
export class ReadFailed extends Error {
  constructor(
    message: string,
    /** Null: there was no answer, or none to its end. */
    readonly status: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ReadFailed';
  }
}

/** Reads one JSON object by GET. @throws ReadFailed */
export type ReadDocument = (url: string) => Promise<Readonly<Record<string, unknown>>>;

/**
 * Asks issuers for what they publish. Bounded in time and bytes; a redirect is not followed: whoever answers for a path of the issuer
 * must not choose whose keys count. Certificates are checked by the authorities of the system and those of NODE_EXTRA_CA_CERTS.
 */
export class IssuerClient {
  private readonly closing = new AbortController();
  private readonly agent: Agent;

  constructor(private readonly timeoutMs = TIMEOUT_MS) {
    this.agent = new Agent({
      connections: MOST_CONNECTIONS,
      pipelining: 1,
      connect: { timeout: timeoutMs },
      // The question as a whole is bounded.
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
    });
  }

  /** A reader for one question: all that it reads shares one limit of time. */
  question(): ReadDocument {
    const limit = AbortSignal.timeout(this.timeoutMs);
    const signal = AbortSignal.any([limit, this.closing.signal]);
    return (url) => this.read(url, limit, signal);
  }

  /** Cuts off what is under way. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.agent.destroy();
  }

  private async read(url: string, limit: AbortSignal, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    try {
      const answer = await this.agent.request({ ...target(url), method: 'GET', headers: HEADERS, signal });
      const document = parsedObject(textOf(await bytesOf(answer)));
      if (document === null) throw new ReadFailed('answers what is no JSON object', answer.statusCode);
      return document;
    } catch (error) {
      if (error instanceof ReadFailed) throw error;
      const reason = limit.aborted ? `gave no whole answer within ${this.timeoutMs} ms` : reasonOf(error);
      throw new ReadFailed(reason, null, { cause: error });
    }
  }
}

const HEADERS = { accept: 'application/json' };

function target(url: string): { readonly origin: string; readonly path: string } {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

async function bytesOf({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Buffer> {
  const fault = faultOf(statusCode, headers);
  if (fault !== null) {
    // A connection whose rest is unread is not kept.
    body.on('error', () => {}).destroy();
    throw new ReadFailed(fault, statusCode);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > MOST_BYTES) throw new ReadFailed(`answers more than ${MOST_BYTES} bytes`, statusCode);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function faultOf(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): string | null {
  if (status >= 300 && status < 400) return `redirects (${status}), which is not followed`;
  if (status !== 200) return `answers ${status}, not 200`;
  const coding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  return coding === 'identity' ? null : 'answers in a content coding that it was not asked for';
}

function textOf(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection',
  ENOTFOUND: 'is at a host name that is not known',
  EAI_AGAIN: 'is at a host name that cannot be looked up now',
  ECONNRESET: 'broke the connection off',
  UND_ERR_SOCKET: 'broke the connection off',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'broke the connection off',
  UND_ERR_CONNECT_TIMEOUT: 'did not take the connection in time',
  UND_ERR_HEADERS_OVERFLOW: 'answers with too many headers',
};
const CERTIFICATE = /CERT|SIGNATURE|ISSUER/;

/** Errors of others are known by their codes: their messages may quote anything. */
function reasonOf(error: unknown): string {
  const code = errorCode(error);
  if (CERTIFICATE.test(code)) return `has a certificate that is not trusted (${code})`;
  return REASONS[code] ?? `cannot be asked (${code})`;
}
