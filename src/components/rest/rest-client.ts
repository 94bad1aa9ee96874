import { createHash } from 'node:crypto';
import type { BackendCalls } from '../../contracts/backend-calls.js';
import { BalancedWay } from './balanced-way.js';
import { ClientToken, type ClientCredentials } from './client-token.js';
import { SingleWay, type SingleWayOptions } from './single-way.js';
import { reasonOf, SourceFailure } from './source-failure.js';
import type { SourceWay, WayRequest } from './source-way.js';

/** The base URL is without user-info, query and fragment. */
export interface RestClientOptions extends SingleWayOptions {
  /** Of one whole answer. */
  readonly timeoutMs: number;
  /** Of all tries of a page; null: only each try is bounded. */
  readonly totalTimeoutMs: number | null;
  readonly maxPageBytes: number;
  /** Of every call, lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: ClientCredentials | null;
  /** Null: the base URL names the one instance. */
  readonly openCalls: (() => BackendCalls) | null;
}

/** The body of a whole, successful answer. */
export interface RestAnswer {
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  readonly bytes: number;
  readonly digest: string;
  readonly contentType: string;
}

const MOST_TOKEN_BYTES = 64 * 1024;

type Request = Omit<WayRequest, 'path'> & { readonly maxBytes: number };

/** Asks one REST source, one thing at a time. Everything that is wrong with an answer is a SourceFailure. */
export class RestClient {
  private readonly way: SourceWay;
  private readonly token: ClientToken | null;
  /** Of what is asked now. */
  private total: AbortSignal | null = null;

  /** @param stopping cuts off what is under way */
  constructor(
    private readonly options: RestClientOptions,
    private readonly stopping: AbortSignal,
  ) {
    const { credentials, openCalls } = options;
    this.way = openCalls === null ? new SingleWay(options) : new BalancedWay(openCalls);
    this.token =
      credentials === null ? null : new ClientToken(credentials, (body) => this.fetchToken(credentials, body));
  }

  /** The address of a path, as it may be shown. */
  urlOf(path: string): string {
    return `${this.options.baseUrl.origin}${this.pathOf(path)}`;
  }

  /** @throws SourceFailure */
  async get(path: string, query: string): Promise<RestAnswer> {
    const { totalTimeoutMs } = this.options;
    this.total = totalTimeoutMs === null ? null : AbortSignal.timeout(totalTimeoutMs);
    const target = `${this.pathOf(path)}?${query}`;
    const first = await this.authorized();
    const request = { method: 'GET', maxBytes: this.options.maxPageBytes } as const;
    const answer = await this.ask(target, { ...request, headers: first });
    if (answer.status !== 401 || this.token === null) return successful(answer);
    // It may have been revoked, or have expired by the source's clock.
    this.token.forget();
    const again = await this.ask(target, { ...request, headers: await this.authorized() });
    // A new token for each kind would be refused as well.
    return successful(again, again.status === 401);
  }

  async close(): Promise<void> {
    await this.way.close();
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
    const { total, stopping } = this;
    stopping.throwIfAborted();
    const limit = AbortSignal.timeout(this.options.timeoutMs);
    const signal = AbortSignal.any(total === null ? [limit, stopping] : [limit, stopping, total]);
    let hasBegun = false;
    try {
      const { status, headers, body, leave } = await this.way.send({ ...request, path }, signal);
      hasBegun = true;
      if (status !== 200) {
        // What it says may quote anything; a connection whose rest is unread is not kept.
        leave();
        return { status, headers, body: EMPTY };
      }
      return { status, headers, body: await bodyOf(body, maxBytes) };
    } catch (error) {
      stopping.throwIfAborted();
      const isOfAll = !hasBegun;
      if (total?.aborted === true) {
        const within = `within ${this.options.totalTimeoutMs} ms in all (config.loader.totalTimeout)`;
        throw new SourceFailure(`gave no whole answer ${within}`, { cause: error, isOfAll: true });
      }
      const waited = `within ${this.options.timeoutMs} ms`;
      if (limit.aborted) {
        const reason = hasBegun ? `began an answer, and did not end it ${waited}` : `gave no answer ${waited}`;
        // To wait as long for each kind would help nobody.
        throw new SourceFailure(reason, { cause: error, isOfAll: true });
      }
      throw error instanceof SourceFailure ? error : new SourceFailure(reasonOf(error), { cause: error, isOfAll });
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
function successful({ status, headers, body }: Answer, isOfAll = false): RestAnswer {
  if (status >= 300 && status < 400) {
    throw new SourceFailure(
      `redirects (${status}), which is not followed; set config.loader.baseUrl to where it leads`,
    );
  }
  if (status === 401 || status === 403) {
    const reason = `answers ${status}: what config.loader.* sends to authenticate is not accepted`;
    throw new SourceFailure(reason, { isOfAll });
  }
  if (status !== 200) throw new SourceFailure(`answers ${status}, not 200`);
  const coding = String(headers['content-encoding'] ?? 'identity').toLowerCase();
  if (coding !== 'identity') throw new SourceFailure('answers in a content coding that it was not asked for');
  return { ...body, contentType: String(headers['content-type'] ?? '').toLowerCase() };
}
