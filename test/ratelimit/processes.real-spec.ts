import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Agent, request } from 'undici';
import { OwnRedis } from '../broadcast/own-redis.js';
import { aPostgresPlace, type DatabasePlace } from '../storage/database-place.js';
import { TestBackend } from '../support/backend.js';
import { aChannel } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

/** Four gateway processes and one bucket: the limit of one address (docs/rate-limits.md). */
const PROCESSES = 4;
const LIMIT = 500;
const PERIOD_MS = 600_000;
const HELD = 20;
/** Requests under way at once at one process. */
const AT_ONCE = 8;
const CLASSES = { Redis: 'redis', Postgres: 'postgres' } as const;

let backend: TestBackend;
let redis: OwnRedis;
let place: DatabasePlace & { readonly url: string };
let gateways: TestGateway[] = [];

beforeAll(async () => {
  backend = await TestBackend.start();
  redis = OwnRedis.start();
  place = await aPostgresPlace();
});
afterAll(async () => {
  await backend.close();
  redis.stop();
  await place.remove();
});
afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  gateways = [];
});

async function start(where: keyof typeof CLASSES): Promise<void> {
  const userRateLimit = {
    ...{ period: PERIOD_MS / 60_000, identifier: 'ip', globalDefault: LIMIT, service: 'counts' },
    ...{ maxUnsynchronizedTokens: HELD, useBatching: true },
  };
  const components = {
    'all.json': {
      services: [{ id: 'counts', type: 'rate', parameters: { persistenceHelperClass: CLASSES[where] } }],
      channels: [aChannel('shop', backend.url, { userRateLimit }), aChannel('other', backend.url, { userRateLimit })],
    },
  };
  const settings = { 'redis.url': redis.url, 'log.requests': 'none', 'gateway.id': `shop-${where.toLowerCase()}` };
  const database = where === 'Postgres' ? { 'database.url': place.url } : {};
  const starting = Array.from({ length: PROCESSES }, () =>
    TestGateway.start({ components, settings: { ...settings, ...database, 'secrets.key': 'k'.repeat(32) } }),
  );
  gateways = await Promise.all(starting);
}

interface Passed {
  readonly passed: number;
  readonly ms: number;
  readonly statuses: ReadonlyMap<number, number>;
}

/** So many requests over all processes at once. */
async function ask(channel: string, count: number): Promise<Passed> {
  const startedAt = performance.now();
  const statuses = new Map<number, number>();
  let begun = 0;
  const agent = new Agent({ connections: AT_ONCE, pipelining: 1 });
  const client = async ({ url }: TestGateway): Promise<void> => {
    while (begun < count) {
      begun++;
      const { statusCode, body } = await request(`${url}/api/request/${channel}/x`, { dispatcher: agent });
      await body.dump();
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }
  };
  await Promise.all(gateways.flatMap((gateway) => Array.from({ length: AT_ONCE }, () => client(gateway))));
  await agent.close();
  return { passed: statuses.get(200) ?? 0, ms: performance.now() - startedAt, statuses };
}

const boundOf = (ms: number): number => LIMIT * (1 + ms / PERIOD_MS) + PROCESSES * (HELD - 1 + AT_ONCE);

describe.each(['Redis', 'Postgres'] as const)('four processes that count in %s', (where) => {
  it('let in of 20,000 requests what the bound says', async () => {
    await start(where);
    const { passed, ms, statuses } = await ask('shop', 20_000);
    process.stdout.write(`  ${where}: ${passed} let in, at most ${Math.floor(boundOf(ms))}, ${Math.round(ms)} ms\n`);
    expect([...statuses.keys()].sort()).toEqual([200, 429]);
    expect(passed).toBeGreaterThanOrEqual(LIMIT - PROCESSES * HELD);
    expect(passed).toBeLessThanOrEqual(boundOf(ms));
  });
});

describe('four processes whose Redis is killed and started again', () => {
  it('go on by themselves, tell it, and count together again', async () => {
    await start('Redis');
    const tell = (message: string) => gateways.every(({ lines }) => lines.some(({ msg }) => msg === message));
    const startedAt = performance.now();
    const phases = [await ask('other', 2000)];
    redis.kill();
    while (!tell('The store of user rates cannot be had: each replica limits by itself.'))
      phases.push(await ask('other', 2000));
    redis.restart();
    await until(() => tell('The store of user rates can be had again.'));
    phases.push(await ask('other', 4000));
    const ms = performance.now() - startedAt;
    const passed = phases.reduce((sum, phase) => sum + phase.passed, 0);
    // What each lets in by itself, and a store that has forgotten what it knew.
    const bound = boundOf(ms) + PROCESSES * LIMIT * (1 + ms / PERIOD_MS) + LIMIT;
    process.stdout.write(`  Redis killed: ${passed} let in, at most ${Math.floor(bound)}, ${Math.round(ms)} ms\n`);
    const statuses = new Set(phases.flatMap((phase) => [...phase.statuses.keys()]));
    expect([...statuses].sort()).toEqual([200, 429]);
    expect(passed).toBeLessThanOrEqual(bound);
  });
});
