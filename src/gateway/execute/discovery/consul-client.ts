import { Client, type Dispatcher } from 'undici';
import { errorCode } from './error-code.js';
import { LookFailed } from './look.js';

export interface ConsulClientOptions {
  /** URL without a slash at its end; it may have a path. */
  readonly address: string;
  /** Secret. */
  readonly token: string | null;
}

export interface ConsulAnswer {
  readonly text: string;
  /** X-Consul-Index; empty where there is none. */
  readonly index: string;
}

const MOST_BYTES = 8 * 1024 * 1024;
const CONNECT_MS = 5000;
/** Above the longest that a blocking query waits, so that the connection lives from one to the next. */
const KEEP_ALIVE_MS = 90_000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Asks one Consul over one connection of its own: a blocking query holds it nearly always. */
export class ConsulClient {
  private readonly client: Client;
  private readonly basePath: string;
  private readonly headers: Readonly<Record<string, string>>;

  constructor({ address, token }: ConsulClientOptions) {
    const { origin, pathname } = new URL(address);
    this.basePath = pathname.replace(/\/+$/, '');
    this.headers = { accept: 'application/json', ...(token !== null && { 'x-consul-token': token }) };
    this.client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      connect: { timeout: CONNECT_MS },
      // The look as a whole is bounded, and how long an answer may take is part of the question.
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
    });
  }

  /** @throws LookFailed */
  async get(path: string, signal: AbortSignal): Promise<ConsulAnswer> {
    try {
      const request = { method: 'GET', path: `${this.basePath}${path}`, headers: this.headers, signal } as const;
      return await read(await this.client.request(request));
    } catch (error) {
      if (error instanceof LookFailed) throw error;
      throw new LookFailed(reasonOf(error), { cause: error });
    }
  }

  /** Cuts off what is under way. */
  close(): void {
    // It only settles once the socket is gone; nobody waits for that.
    void this.client.destroy();
  }
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<ConsulAnswer> {
  if (statusCode !== 200) {
    // What it says may quote anything; a connection whose rest is unread is not kept.
    body.on('error', () => {}).destroy();
    throw new LookFailed(
      statusCode === 401 || statusCode === 403
        ? `answers ${statusCode}: discovery.consul.token may not read this service`
        : `answers ${statusCode}, not 200`,
    );
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new LookFailed(`answers more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { text: textOf(Buffer.concat(chunks)), index: String(headers['x-consul-index'] ?? '') };
}

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new LookFailed('answers what is no JSON');
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
};

/** Errors of others are known by their codes: their messages may quote anything. */
function reasonOf(error: unknown): string {
  const code = errorCode(error);
  return REASONS[code] ?? `cannot be asked (${code})`;
}
