import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RateStoreUnavailable } from '../../src/contracts/rate-store.js';
import { PostgresRateStore } from '../../src/ratelimit/postgres-rate-store.js';
import { RedisRateStore } from '../../src/ratelimit/redis-rate-store.js';
import { OwnRedis } from '../broadcast/own-redis.js';
import { aPostgresPlace } from '../storage/database-place.js';
import { OwnPostgres } from '../storage/own-postgres.js';
import { until } from '../support/until.js';
import { rateStoreSuite } from './rate-store-suite.js';
import { aDatabasePlace, aRedisPlace } from './store-places.js';

jest.setTimeout(120_000);

function redisUrl(): string {
  const url = process.env['REDIS_URL'];
  if (url === undefined || url === '') throw new Error('REDIS_URL is not set: run `npm run test:real`.');
  return url;
}

describe('rates in Redis', () => rateStoreSuite(() => aRedisPlace(redisUrl())));
describe('rates in Postgres', () => rateStoreSuite(async () => aDatabasePlace(await aPostgresPlace())));

const look = [{ key: 'k', limit: 5, periodMs: 60_000, need: 1, ahead: 0, returned: 0 }];

describe('a Redis that goes and comes back', () => {
  let redis: OwnRedis;
  beforeAll(() => {
    redis = OwnRedis.start();
  });
  afterAll(() => redis.stop());

  it('is waited for no longer than a quarter of a second, and had again after', async () => {
    const store = new RedisRateStore({ url: redis.url, gatewayId: 'shop' });
    expect(await store.lease(look)).toMatchObject([{ granted: 1, remaining: 4 }]);
    redis.kill();
    const since = performance.now();
    await expect(store.lease(look)).rejects.toThrow(RateStoreUnavailable);
    await expect(store.lease(look)).rejects.toThrow(RateStoreUnavailable);
    expect(performance.now() - since).toBeLessThan(1500);
    redis.restart();
    // What it knew is gone, its script included.
    const lease = async (): Promise<number> => (await store.lease(look).catch(() => []))[0]?.remaining ?? -1;
    await until(async () => (await lease()) === 4);
    await store.close();
    await expect(store.lease(look)).rejects.toThrow('closed');
  });
  it('that is not there at the start is had once it is', async () => {
    redis.kill();
    const store = new RedisRateStore({ url: redis.url, gatewayId: 'later' });
    await expect(store.lease(look)).rejects.toThrow(RateStoreUnavailable);
    redis.restart();
    await until(async () => (await store.lease(look).catch(() => null)) !== null);
    await store.close();
  });
});

describe('a Postgres that says nothing', () => {
  it('is waited for no longer than a quarter of a second, and had again after', async () => {
    const postgres = OwnPostgres.start();
    try {
      const place = await aPostgresPlace(postgres.url);
      const database = place.open();
      const store = new PostgresRateStore({ database: { name: 'it', open: () => database.open() }, gatewayId: 'shop' });
      await until(async () => (await store.lease(look).catch(() => null)) !== null);
      postgres.freeze();
      const since = performance.now();
      await expect(store.lease(look)).rejects.toThrow(RateStoreUnavailable);
      expect(performance.now() - since).toBeLessThan(1000);
      postgres.thaw();
      await until(async () => (await store.lease(look).catch(() => null)) !== null);
      await store.close();
      await database.close();
    } finally {
      postgres.stop();
    }
  });
});
