import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Dispatcher, Pool } from 'undici';
import { ClientToken, type ClientCredentials } from './client-token.js';
import { reasonOf, SourceFailure } from './source-failure.js';

export interface RestClientOptions {
  /** With the scheme in force; without user-info, query and fragment. */
  readonly baseUrl: URL;
  /** Of one whole answer. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxPageBytes: number;
  /** Of every call, lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: ClientCredentials | null;
  /** No certificate is checked. */
  readonly trustsAll: boolean;
  /** Authorities besides none of the system's: PEM text, or the path of a file of it. */
  readonly trust: string | null;
}

/** The body of a whole, successful answer. */
export interface RestAnswer {
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  readonly bytes: number;
  readonly digest: string;
  readonly contentType: string;
}

const MOST_TOKEN_BYTES = 64 * 1024;
/** A source is asked page by page; the second connection is for a token beside it. */
const MOST_CONNECTIONS = 2;
const KEEP_ALIVE_MS = 30_000;

type Request = Omit<Dispatcher.RequestOptions, 'path' | 'origin'> & { readonly maxBytes: number };

/** Asks one REST source. Everything that is wrong with an answer is a SourceFailure. */
export class RestClient {
  private pool: Pool | null = null;
  private readonly token: ClientToken | null;

  /** @param stopping cuts off what is under way */
  constructor(
    private readonly options: RestClientOptions,
    private readonly stopping: AbortSignal,
  ) {
    const { credentials } = options;
    this.token =
      credentials === null ? null : new ClientToken(credentials, (body) => this.fetchToken(credentials, body));
  }

  /** The address of a path, as it may be shown. */
  urlOf(path: string): string {
    return `${this.options.baseUrl.origin}${this.pathOf(path)}`;
  }

  /** @throws SourceFailure */
  async get(path: string, query: string): Promise<RestAnswer> {
    const target = `${this.pathOf(path)}?${query}`;
    const first = await this.authorized();
    const request = { method: 'GET', maxBytes: this.options.maxPageBytes } as const;
    const answer = await this.ask(target, { ...request, headers: first });
    if (answer.status !== 401 || this.token === null) return successful(answer);
    // It may have been revoked, or have expired by the source's clock.
    this.token.forget();
    return successful(await this.ask(target, { ...request, headers: await this.authorized() }));
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
    this.pool = null;
  }

  private async authorized(): Promise<Record<string, string>> {
    const { headers } = this.options;
    const own = { accept: 'application/json', ...headers };
    return this.token === null ? own : { ...own, authorization: `Bearer ${await this.token.get()}` };
  }

  private async fetchToken({ tokenPath }: ClientCredentials, body: string): Promise<RestAnswer> {
    const headers = {
      ...this.options.headers,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    };
    try {
      return successful(
        await this.ask(this.pathOf(tokenPath), { method: 'POST', headers, body, maxBytes: MOST_TOKEN_BYTES }),
      );
    } catch (error) {
      if (!(error instanceof SourceFailure)) throw error;
      throw new SourceFailure(`needs a token, and ${this.urlOf(tokenPath)} ${error.message}`, {
        cause: error,
        isOfAll: true,
      });
    }
  }

  private async ask(path: string, { maxBytes, ...request }: Request): Promise<Answer> {
    const pool = await this.open();
    const limit = AbortSignal.timeout(this.options.timeoutMs);
    const signal = AbortSignal.any([limit, this.stopping]);
    let hasBegun = false;
    try {
      const { statusCode, headers, body } = await pool.request({ ...request, path, signal });
      hasBegun = true;
      if (statusCode !== 200) {
        // What it says may quote anything; a connection whose rest is unread is not kept.
        body.on('error', () => {}).destroy();
        return { status: statusCode, headers, body: EMPTY };
      }
      return { status: statusCode, headers, body: await bodyOf(body, maxBytes) };
    } catch (error) {
      this.stopping.throwIfAborted();
      if (error instanceof SourceFailure) throw error;
      const waited = `within ${this.options.timeoutMs} ms`;
      const reason = !limit.aborted
        ? reasonOf(error)
        : hasBegun
          ? `began an answer, and did not end it ${waited}`
          : `gave no answer ${waited}`;
      throw new SourceFailure(reason, { cause: error, isOfAll: !hasBegun });
    }
  }

  private async open(): Promise<Pool> {
    const { baseUrl, connectTimeoutMs, trustsAll } = this.options;
    this.stopping.throwIfAborted();
    if (this.pool !== null) return this.pool;
    const ca = await this.authorities();
    this.stopping.throwIfAborted();
    this.pool = new Pool(baseUrl.origin, {
      connections: MOST_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      connect: { timeout: connectTimeoutMs, rejectUnauthorized: !trustsAll, ...(ca !== null && { ca }) },
      // One timer of ours bounds the whole answer.
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
    });
    return this.pool;
  }

  private async authorities(): Promise<string | null> {
    const { trust } = this.options;
    if (trust === null || trust.includes('-----BEGIN')) return trust;
    try {
      return await readFile(trust, 'utf8');
    } catch (error) {
      throw new SourceFailure(
        `cannot be asked: the file of config.loader.trust cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
        { cause: error, isOfAll: true },
      );
    }
  }

  private pathOf(path: string): string {
    return `${this.options.baseUrl.pathname.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  }
}

type Body = Pick<RestAnswer, 'chunks' | 'bytes' | 'digest'>;
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body;
}
const EMPTY: Body = { chunks: [], bytes: 0, digest: '' };

async function bodyOf(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Body> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new SourceFailure(`gives more than ${maxBytes} bytes at once; config.loader.maxInMemorySize bounds a page`);
    }
    digest.update(chunk);
    // A copy of its own, which a thread can take over: chunks may share memory with others.
    chunks.push(new Uint8Array(chunk));
  }
  return { chunks, bytes, digest: digest.digest('base64url') };
}

/** @throws SourceFailure */
function successful({ status, headers, body }: Answer): RestAnswer {
  if (status >= 300 && status < 400) {
    throw new SourceFailure(
      `redirects (${status}), which is not followed; set config.loader.baseUrl to where it leads`,
    );
  }
  if (status === 401 || status === 403) {
    throw new SourceFailure(`answers ${status}: what config.loader.* sends to authenticate is not accepted`);
  }
  if (status !== 200) throw new SourceFailure(`answers ${status}, not 200`);
  const coding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  if (coding !== 'identity') throw new SourceFailure('answers in a content coding that it was not asked for');
  return { ...body, contentType: String(headers['content-type'] ?? '').toLowerCase() };
}
