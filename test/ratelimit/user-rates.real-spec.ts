import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cancellation } from '../../src/contracts/executor.js';
import type { RateStore } from '../../src/contracts/rate-store.js';
import { userRatePlanOf, type UserRatePlan } from '../../src/gateway/limit/user-rate/user-rate-plan.js';
import { UserRates } from '../../src/gateway/limit/user-rate/user-rates.js';
import { PostgresRateStore } from '../../src/ratelimit/postgres-rate-store.js';
import { RedisRateStore } from '../../src/ratelimit/redis-rate-store.js';
import { OwnRedis } from '../broadcast/own-redis.js';
import type { OpenDatabase } from '../storage/built.js';
import { aPostgresPlace, type DatabasePlace } from '../storage/database-place.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const STAYS: Cancellation = { cancelled: false, onCancel: () => undefined };
const LIMIT = 500;
const PERIOD_MS = 60_000;
const HELD = 20;
const AT_ONCE = 25;
const request = { path: '/a', userId: '', userType: null, address: '192.0.2.7' };
const plan = (useBatching: boolean): UserRatePlan =>
  userRatePlanOf({ period: 1, globalDefault: LIMIT, maxUnsynchronizedTokens: HELD, useBatching }, '', 'shop').plan!;

/** One replica, as far as user rates go. */
class Replica {
  readonly told: (string | null)[] = [];
  readonly rates = new UserRates({
    ...{ mostBuckets: 10_000, expiryMs: 120_000 },
    report: (_store, problem) => void this.told.push(problem),
  });

  constructor(readonly store: RateStore & { close(): Promise<void> }) {}

  async close(): Promise<void> {
    await this.rates.flush(1000);
    await this.store.close();
  }
}

const replicas: Replica[] = [];
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.close()));
});

interface Load {
  readonly count: number;
  readonly useBatching: boolean;
  /** Whose turns it is. */
  readonly users?: number;
  readonly taken?: (count: number) => void;
}

/** Requests over all replicas, some at once at each: how many were let in, and in what time. */
async function load({
  count,
  useBatching,
  users = 1,
  taken = () => undefined,
}: Load): Promise<{ passed: number; ms: number }> {
  const startedAt = performance.now();
  const of = plan(useBatching);
  let [begun, passed] = [0, 0];
  const client = async (replica: Replica): Promise<void> => {
    const link = replica.rates.on(replica.store);
    while (begun < count) {
      taken(++begun);
      if ((await link.take(of.bucketsOf({ ...request, userId: `u${begun % users}` }), STAYS)) === null) passed++;
      else await sleep(1);
    }
  };
  await Promise.all(replicas.flatMap((replica) => Array.from({ length: AT_ONCE }, () => client(replica))));
  return { passed, ms: performance.now() - startedAt };
}

/** docs/rate-limits.md. */
const boundOf = (ms: number): number => LIMIT * (1 + ms / PERIOD_MS) + 4 * (HELD - 1 + AT_ONCE);

describe.each([true, false])('20,000 requests of one user at 4 replicas with useBatching %s', (useBatching) => {
  let redis: OwnRedis;
  let place: DatabasePlace;
  const databases: OpenDatabase[] = [];
  beforeAll(async () => {
    redis = OwnRedis.start();
    place = await aPostgresPlace();
  });
  afterAll(async () => {
    redis.stop();
    await Promise.all(databases.map((database) => database.close()));
    await place.remove();
  });

  it.each(['Redis', 'Postgres'])('are let in as the bound says, counted in %s', async (where) => {
    for (let index = 0; index < 4; index++) {
      if (where === 'Redis') replicas.push(new Replica(new RedisRateStore({ url: redis.url, gatewayId: 'shop' })));
      else {
        const database = place.open();
        databases.push(database);
        await database.open();
        const from = { name: 'it', open: () => database.open() };
        replicas.push(new Replica(new PostgresRateStore({ database: from, gatewayId: 'shop', answerMs: 5000 })));
      }
    }
    // Connections are there, as in a gateway that has been serving.
    await until(async () => {
      const looks = replicas.map(({ store }) =>
        store.lease([{ key: 'k', limit: 1, periodMs: 1, need: 0, ahead: 0, returned: 0 }]),
      );
      return (await Promise.allSettled(looks)).every(({ status }) => status === 'fulfilled');
    });
    const { passed, ms } = await load({ count: 20_000, useBatching });
    const calls = replicas.reduce((sum, { rates }) => sum + rates.counts.calls, 0);
    process.stdout.write(
      `  ${where}: ${passed} let in, at most ${Math.floor(boundOf(ms))}, ${calls} calls, ${Math.round(ms)} ms\n`,
    );
    expect(replicas.flatMap(({ told }) => told)).toEqual([]);
    expect(passed).toBeGreaterThanOrEqual(LIMIT - 4 * HELD);
    expect(passed).toBeLessThanOrEqual(boundOf(ms));
    expect(calls).toBeLessThan(2000);
  });

  it('go on while Redis is killed, within the bound of an outage, and are counted together again after', async () => {
    for (let index = 0; index < 4; index++) {
      replicas.push(new Replica(new RedisRateStore({ url: redis.url, gatewayId: 'outage' })));
    }
    const users = 20;
    const [killedAt, restartedAt] = [5000, 12_000];
    const { passed, ms } = await load({
      ...{ count: 20_000, useBatching, users },
      taken: (count) => {
        if (count === killedAt) redis.kill();
        if (count === restartedAt) redis.restart();
      },
    });
    await until(() => replicas.every(({ rates }) => rates.away.length === 0));
    // Each by itself, and a store that has forgotten what it knew.
    const bound = users * (boundOf(ms) + 4 * LIMIT * (1 + ms / PERIOD_MS) + LIMIT);
    process.stdout.write(`  Redis killed: ${passed} let in, at most ${Math.floor(bound)}, ${Math.round(ms)} ms\n`);
    expect(passed).toBeGreaterThanOrEqual(users * (LIMIT - 4 * HELD));
    expect(passed).toBeLessThanOrEqual(bound);
    for (const { told } of replicas) expect([told.length, told.at(-1)]).toEqual([2, null]);
    const after = await load({ count: 5000, useBatching });
    expect(after.passed).toBeLessThanOrEqual(boundOf(after.ms));
  });
});
