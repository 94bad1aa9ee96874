import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { createClient } from 'redis';
import { BroadcastHub } from '../../src/broadcast/broadcast-hub.js';
import { PostgresWay } from '../../src/broadcast/postgres-way.js';
import { RedisWay } from '../../src/broadcast/redis-way.js';
import { CHANNEL, type Way } from '../../src/broadcast/way.js';
import type { JsonObject } from '../../src/contracts/json.js';
import { OwnPostgres } from '../storage/own-postgres.js';
import { until } from '../support/until.js';
import { OwnRedis } from './own-redis.js';

jest.setTimeout(120_000);

/** A process of a gateway, as far as broadcasts go. */
class Process {
  readonly heard: JsonObject[] = [];
  readonly gaps: boolean[] = [];
  problems: readonly string[] = [];
  readonly hub: BroadcastHub;

  constructor(way: Way, gatewayId: string) {
    this.hub = new BroadcastHub({ gatewayId, ways: async () => [way], log: () => undefined });
    this.hub.onProblems((problems) => (this.problems = problems));
    this.hub.onGap(({ isAfterLoss }) => this.gaps.push(isAfterLoss));
    this.hub.subscribe('topic', (message) => void this.heard.push(message));
  }

  get isUp(): boolean {
    return this.hub.links.length === 1 && this.hub.links[0]!.isUp;
  }
}

async function notify(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('SELECT pg_notify($1, $2)', [CHANNEL, text]);
  await client.end();
}
async function publish(url: string, text: string): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  await client.publish(CHANNEL, text);
  client.destroy();
}

const SERVERS = [
  { name: 'Postgres', start: () => OwnPostgres.start(), way: (url: string) => new PostgresWay(url), say: notify },
  { name: 'Redis', start: () => OwnRedis.start(), way: (url: string) => new RedisWay(url), say: publish },
];

describe.each(SERVERS)('broadcasts over $name', ({ start, way, say }) => {
  let server: OwnPostgres | OwnRedis;
  const processes: Process[] = [];
  beforeAll(() => {
    server = start();
  });
  afterAll(() => server.stop());
  afterEach(() => Promise.all(processes.splice(0).map(({ hub }) => hub.close())));

  function aProcess(gatewayId = 'shop'): Process {
    const process = new Process(way(server.url), gatewayId);
    processes.push(process);
    return process;
  }
  async function standing(...ids: string[]): Promise<Process[]> {
    const made = ids.map((id) => aProcess(id));
    await until(() => made.every(({ isUp }) => isUp));
    return made;
  }

  it('reach every replica of the gateway, and no other gateway', async () => {
    const [one, other, foreign] = await standing('shop', 'shop', 'admin');
    await one!.hub.publish('topic', { text: 'é"\'\\\n' });
    await foreign!.hub.publish('topic', { text: 'theirs' });
    await until(() => other!.heard.length > 0 && foreign!.heard.length > 0);
    await one!.hub.publish('topic', { last: true });
    await until(() => other!.heard.length === 2);
    expect([one!.heard, other!.heard, foreign!.heard]).toEqual([
      [{ text: 'é"\'\\\n' }, { last: true }],
      [{ text: 'é"\'\\\n' }, { last: true }],
      [{ text: 'theirs' }],
    ]);
  });
  it('may have 7,400 bytes', async () => {
    const [one, other] = await standing('shop', 'shop');
    await one!.hub.publish('topic', { text: 'x'.repeat(7000) });
    await until(() => other!.heard.length === 1);
  });
  it('ignore and count what is none', async () => {
    const [one] = await standing('shop');
    await say(server.url, 'garbage');
    await until(() => one!.hub.dropped.garbage === 1);
    expect(one!.heard).toEqual([]);
  });
  it('go on after the server was killed: what was said meanwhile is sent, and each is told of the gap', async () => {
    const [one, other] = await standing('shop', 'shop');
    server.kill();
    await until(() => !one!.isUp && !other!.isUp);
    await until(() => one!.problems.length === 1 && other!.problems.length === 1);
    await one!.hub.publish('topic', { n: 1 });
    await one!.hub.publish('topic', { n: 2 });
    server.restart();
    await until(() => one!.isUp && other!.isUp);
    expect([one!.gaps, other!.gaps]).toEqual([
      [false, true],
      [false, true],
    ]);
    expect([one!.problems, other!.problems]).toEqual([[], []]);
    // What went before the other listened again is lost: that is what the gap tells.
    await other!.hub.publish('topic', { n: 3 });
    await until(() => one!.heard.some(({ n }) => n === 3));
    await until(() => one!.hub.links[0]!.sent === 2);
    expect(one!.heard.map(({ n }) => n)).toEqual([1, 2, 3]);
  });
  it('begin when a server that is away at the start comes', async () => {
    server.kill();
    const one = aProcess();
    await until(() => one.problems.length === 1);
    expect(one.problems[0]).toMatch(/does not get through \(.*ECONN(REFUSED|RESET)/);
    server.restart();
    await until(() => one.isUp);
    expect([one.gaps, one.problems]).toEqual([[true], []]);
  });
  it('leave no connection behind', async () => {
    const [one, other] = await standing('shop', 'shop');
    await one!.hub.close();
    await other!.hub.publish('topic', {});
    await other!.hub.publish('topic', {});
    expect(one!.heard).toEqual([]);
  });
});
