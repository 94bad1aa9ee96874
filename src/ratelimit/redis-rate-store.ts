import { createHash } from 'node:crypto';
import { RateStoreUnavailable, type Lease, type LeaseRequest, type RateStore } from '../contracts/rate-store.js';
import { LEASE_SCRIPT } from './lease-script.js';
import { redisClient, redisName, type RedisClient, type ScriptCall } from './redis-client.js';
import { ANSWER_MS, within } from './within.js';

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
  private readonly client: RedisClient;
  private connecting: Promise<unknown> | null = null;
  private isClosed = false;
  private lastError: Error | null = null;

  constructor({ url, gatewayId, answerMs = ANSWER_MS }: RedisRateStoreOptions) {
    this.name = redisName(url);
    this.prefix = `sluice:${gatewayId}:rate:`;
    this.answerMs = answerMs;
    this.client = redisClient(url);
    this.client.on('error', (error) => (this.lastError = error));
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
    if (this.connecting !== null) this.client.destroy();
    return Promise.resolve();
  }

  private async leaseAll(requests: readonly LeaseRequest[]): Promise<Lease[]> {
    // The client tries again and again by itself; where it gave up the next lease begins anew.
    this.connecting ??= this.client.connect().catch((error: unknown) => {
      this.connecting = null;
      throw error;
    });
    await this.connecting;
    return Promise.all(requests.map((request) => this.leaseOne(request)));
  }

  private async leaseOne({ key, limit, periodMs, need, ahead, returned }: LeaseRequest): Promise<Lease> {
    const values = [limit, periodMs * 1000, need, ahead, returned].map(String);
    const call = { keys: [this.prefix + key], arguments: values };
    const [granted, remaining, us] = (await this.run(call)) as [number, number, string];
    return { granted, remaining, msToNextToken: Number(us) / 1000 };
  }

  private async run(call: ScriptCall): Promise<unknown> {
    try {
      return await this.client.evalSha(SHA, call);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.client.eval(LEASE_SCRIPT, call);
    }
  }

  /** A client that is offline does not say why. */
  private causeOf(error: unknown): unknown {
    const { lastError } = this;
    this.lastError = null;
    return lastError ?? error;
  }
}
