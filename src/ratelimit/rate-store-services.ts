import type { Component } from '../contracts/components.js';
import type { RateStore, RateStoreChoice, RateStores } from '../contracts/rate-store.js';
import { PostgresRateStore, type RateDatabase } from './postgres-rate-store.js';
import { keepsRates, rateServiceOf, type RateService } from './rate-service.js';
import { RedisRateStore } from './redis-rate-store.js';

interface OpenStore extends RateStore {
  close(): Promise<void>;
}

export interface RateStoreServicesOptions {
  readonly gatewayId: string;
  readonly redisUrl: string | null;
  /** Opened with the first lease of a channel that counts in Postgres. */
  readonly database: RateDatabase;
}

const IN_MEMORY: RateStoreChoice = Object.freeze({ store: null, finding: null });

/** The stores that service records name. Two records that say the same have the same store, and a reload keeps it. */
export class RateStoreServices implements RateStores {
  private readonly stores = new Map<string, OpenStore>();

  constructor(private readonly options: RateStoreServicesOptions) {}

  choose(service: string | undefined, services: Iterable<Component<'service'>>): RateStoreChoice {
    const active = [...services].filter((each) => each.active && each.record !== null && keepsRates(each));
    if (service === undefined) return this.chooseOnly(active);
    const named = active.find(({ id }) => id === service);
    if (named === undefined) return fault(`there is no active service "${service}" that keeps rates`);
    return this.storeOf(named);
  }

  check(service: Component<'service'>): RateStoreChoice['finding'] {
    if (!keepsRates(service)) return null;
    const read = rateServiceOf(service.record?.parameters, this.options.redisUrl);
    return read.kind === 'unusable' ? { severity: 'fault', message: read.message } : null;
  }

  retain(stores: ReadonlySet<RateStore | null>): void {
    for (const [key, store] of this.stores) {
      if (stores.has(store)) continue;
      this.stores.delete(key);
      void store.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.stores.values()].map((store) => store.close()));
    this.stores.clear();
  }

  private chooseOnly(active: readonly Component<'service'>[]): RateStoreChoice {
    const [only, ...more] = active;
    const choice = only !== undefined && more.length === 0 ? this.storeOf(only) : null;
    if (choice?.finding === null) return choice;
    const many =
      active.length === 0 ? 'no service keeps rates' : `${active.length} services keep rates, and none is named`;
    const why = choice?.finding.message ?? many;
    return {
      store: null,
      finding: { severity: 'warning', message: `${why}: the channel limits in memory, each process by itself` },
    };
  }

  private storeOf({ id, record }: Component<'service'>): RateStoreChoice {
    const service = rateServiceOf(record?.parameters, this.options.redisUrl);
    if (service.kind === 'memory') return IN_MEMORY;
    if (service.kind === 'unusable') return fault(`the service "${id}" cannot be used: ${service.message}`);
    const key = service.kind === 'redis' ? service.url : '';
    const store = this.stores.get(key) ?? this.open(service);
    this.stores.set(key, store);
    return { store, finding: null };
  }

  private open(service: Extract<RateService, { kind: 'redis' | 'postgres' }>): OpenStore {
    const { gatewayId, database } = this.options;
    if (service.kind === 'redis') return new RedisRateStore({ url: service.url, gatewayId });
    return new PostgresRateStore({ database, gatewayId });
  }
}

const fault = (message: string): RateStoreChoice => ({ store: null, finding: { severity: 'fault', message } });
