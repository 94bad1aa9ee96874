import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { PostgresRateStore } from '../../src/ratelimit/postgres-rate-store.js';
import { RedisRateStore } from '../../src/ratelimit/redis-rate-store.js';
import type { OpenDatabase } from '../storage/built.js';
import type { DatabasePlace } from '../storage/database-place.js';
import { ModelRateStore } from './model-rate-store.js';
import type { StorePlace } from './rate-store-suite.js';

/** Long enough for 20,000 leases at once. */
const answerMs = 60_000;

export function aModelPlace(): Promise<StorePlace> {
  const store = new ModelRateStore();
  return Promise.resolve({
    open: () => store,
    count: async () => store.size,
    sweep: async () => store.sweep(),
    close: async () => undefined,
  });
}

/** @param database an empty one */
export async function aDatabasePlace(database: DatabasePlace): Promise<StorePlace> {
  const opened: OpenDatabase[] = [];
  const stores: PostgresRateStore[] = [];
  const connect = (): OpenDatabase => {
    const [first] = opened;
    if (first !== undefined && !database.isShared) return first;
    const next = database.open();
    opened.push(next);
    return next;
  };
  const source = await connect().open();
  const open = (): PostgresRateStore => {
    const from = connect();
    const store = new PostgresRateStore({
      ...{ database: { name: 'the database', open: () => from.open() }, gatewayId: 'shop', answerMs },
    });
    stores.push(store);
    return store;
  };
  return {
    open,
    count: async () =>
      (await source.query<{ count: number }[]>('SELECT count(*)::int AS count FROM rate_buckets'))[0]!.count,
    sweep: () => stores[0]!.sweep(),
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await Promise.all(opened.map((each) => each.close()));
      await database.remove();
    },
  };
}

export async function aRedisPlace(url: string): Promise<StorePlace> {
  const gatewayId = randomUUID();
  const stores: RedisRateStore[] = [];
  const client = createClient({ url });
  await client.connect();
  return {
    open: () => {
      const store = new RedisRateStore({ url, gatewayId, answerMs });
      stores.push(store);
      return store;
    },
    count: async () => (await client.keys(`sluice:${gatewayId}:rate:*`)).length,
    sweep: async () => undefined,
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      client.destroy();
    },
  };
}
