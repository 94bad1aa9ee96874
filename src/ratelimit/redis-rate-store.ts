import { createHash } from 'node:crypto';
import { RateStoreUnavailable, type Lease, type LeaseRequest, type RateStore } from '../contracts/rate-store.js';
import { LEASE_SCRIPT } from './lease-script.js';
import type { RedisClient, ScriptCall } from './redis-client.js';
import { redisName } from './redis-url.js';
import { within } from '../storage/within.js';
import { ANSWER_MS } from './answer-ms.js';

const SHA = createHash('sha1').update(LEASE_SCRIPT).digest('hex');

export interface RedisRateStoreOptions {
  readonly url: string;
  readonly gatewayId: string;
  readonly answerMs?: number;
}

/** Buckets in Redis or Valkey: one script call each, all of one lease in one round trip. Connects with the first lease. */
export class RedisRateStore implements RateStore {
  readonly kind = 'redis';
  readonly name: string;
  private readonly prefix: string;
  private readonly answerMs: number;
  private client: RedisClient | null = null;
  private connecting: Promise<RedisClient> | null = null;
  private isClosed = false;
  private lastError: Error | null = null;

  constructor(private readonly options: RedisRateStoreOptions) {
    const { url, gatewayId, answerMs = ANSWER_MS } = options;
    this.name = redisName(url);
    this.prefix = `sluice:${gatewayId}:rate:`;
    this.answerMs = answerMs;
  }

  async lease(requests: readonly LeaseRequest[]): Promise<readonly Lease[]> {
    if (this.isClosed) throw new RateStoreUnavailable(`${this.name} is closed.`);
    try {
      return await within(this.answerMs, this.leaseAll(requests));
    } catch (error) {
      throw new RateStoreUnavailable(`${this.name} cannot be had now.`, { cause: this.causeOf(error) });
    }
  }

  close(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    this.isClosed = true;
    if (this.connecting !== null) this.client?.destroy();
    return Promise.resolve();
  }

  private async leaseAll(requests: readonly LeaseRequest[]): Promise<Lease[]> {
    // The client tries again and again by itself; where it gave up the next lease begins anew.
    this.connecting ??= this.connect().catch((error: unknown) => {
      this.connecting = null;
      throw error;
    });
    const client = await this.connecting;
    return Promise.all(requests.map((request) => this.leaseOne(client, request)));
  }

  /** The library is loaded by who needs it: it takes 30 MB. */
  private async connect(): Promise<RedisClient> {
    if (this.client === null) {
      const { redisClient } = await import('./redis-client.js');
      this.client = redisClient(this.options.url);
      this.client.on('error', (error) => (this.lastError = error));
    }
    if (this.isClosed) throw new RateStoreUnavailable(`${this.name} is closed.`);
    await this.client.connect();
    return this.client;
  }

  private async leaseOne(
    client: RedisClient,
    { key, limit, periodMs, need, ahead, returned }: LeaseRequest,
  ): Promise<Lease> {
    const values = [limit, periodMs * 1000, need, ahead, returned].map(String);
    const call = { keys: [this.prefix + key], arguments: values };
    const [granted, remaining, us] = (await run(client, call)) as [number, number, string];
    return { granted, remaining, msToNextToken: Number(us) / 1000 };
  }

  /** A client that is offline does not say why. */
  private causeOf(error: unknown): unknown {
    const { lastError } = this;
    this.lastError = null;
    return lastError ?? error;
  }
}

async function run(client: RedisClient, call: ScriptCall): Promise<unknown> {
  try {
    return await client.evalSha(SHA, call);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(LEASE_SCRIPT, call);
  }
}
