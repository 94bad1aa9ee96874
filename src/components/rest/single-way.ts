import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import { SourceFailure } from './source-failure.js';
import type { SourceWay, WayAnswer, WayRequest } from './source-way.js';

export interface SingleWayOptions {
  /** With the scheme in force. */
  readonly baseUrl: URL;
  readonly connectTimeoutMs: number;
  /** This worker's part. */
  readonly maxConnections: number;
  readonly maxIdleMs: number;
  /** Null: as long as it holds. */
  readonly maxLifeMs: number | null;
  /** No certificate is checked. */
  readonly trustsAll: boolean;
  /** Authorities besides none of the system's: PEM text, or the path of a file of it. */
  readonly trust: string | null;
}

/** A source is asked page by page; the second connection is for a token beside it. */
const MOST_CONNECTIONS = 2;

/** To the one instance that config.loader.baseUrl names. */
export class SingleWay implements SourceWay {
  private pool: Pool | null = null;

  constructor(private readonly options: SingleWayOptions) {}

  async send(request: WayRequest, signal: AbortSignal): Promise<WayAnswer> {
    const pool = await this.open(signal);
    const { statusCode, headers, body } = await pool.request({ ...request, signal });
    const leave = (): void => void body.on('error', () => {}).destroy();
    return { status: statusCode, headers, body, leave };
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
    this.pool = null;
  }

  private async open(signal: AbortSignal): Promise<Pool> {
    if (this.pool !== null) return this.pool;
    const ca = await this.authorities();
    signal.throwIfAborted();
    const { baseUrl, connectTimeoutMs, maxConnections, maxIdleMs, maxLifeMs, trustsAll } = this.options;
    this.pool ??= new Pool(baseUrl.origin, {
      connections: Math.min(maxConnections, MOST_CONNECTIONS),
      pipelining: 1,
      keepAliveTimeout: maxIdleMs,
      keepAliveMaxTimeout: maxIdleMs,
      ...(maxLifeMs !== null && { clientTtl: maxLifeMs }),
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
}
