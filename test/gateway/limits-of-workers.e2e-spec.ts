import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { echoEvent, HeldCalls, TestBackend } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';

/** Workers of one replica share what holds for the replica (spec/resilience.md): each has its part, at least 1. */
const held = new HeldCalls();
let backend: TestBackend;
let gateway: TestGateway;

const HOUR_MS = 3_600_000;
const WORKERS = 2;
const rate = (periodLimit: number) => ({ rateLimiter: { periodLimit, refreshPeriod: HOUR_MS } });
const channels = (version: string): Record<string, unknown>[] => [
  aChannel('rate5', backend.url, rate(5)),
  aChannel('rate1', backend.url, rate(1)),
  aChannel('kept', backend.url, { ...rate(7), responseHeaders: { 'X-V': version } }),
  aChannel('bulk5', backend.url, { bulkhead: { maxConcurrentCalls: 5 } }),
  aChannel('bulk1', backend.url, { bulkhead: { maxConcurrentCalls: 1 } }),
  aChannel('turned', backend.url, { bulkhead: { maxConcurrentCalls: 3 }, responseHeaders: { 'X-V': version } }),
];
beforeAll(async () => {
  backend = await TestBackend.start((request, response) =>
    (request.url.includes('/held') ? held.handler : echoEvent)(request, response),
  );
  gateway = TestGateway.spawn({
    components: withChannels(...channels('a')),
    settings: { 'server.workers': WORKERS, 'database.url': 'postgres://127.0.0.1:1/none' },
  });
  await gateway.until(() => gateway.output.includes('"msg":"all workers are ready"'));
}, 60_000);
afterEach(() => held.release());
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);

const get = (path: string): Promise<CallAnswer> => call(gateway.port, `/api/request/${path}`);
/** Which workers have refused calls of a channel so. */
const refusing = (channel: string, error: string): number => {
  const lines = gateway.requestLines().filter((line) => line.channel === channel && line.error === error);
  return new Set(lines.map(({ worker }) => worker)).size;
};
/** Calls until every worker refuses: which of them gets a connection is the supervisor's choice. */
async function passedTillAllRefuse(channel: string): Promise<number> {
  let passed = 0;
  await until(async () => {
    if ((await get(`${channel}/x`)).status === 200) passed++;
    return refusing(channel, 'RATE_LIMITED') === WORKERS;
  });
  return passed;
}
/** Opens calls that the backend holds until every worker refuses more. */
async function heldTillAllRefuse(channel: string): Promise<Promise<CallAnswer>[]> {
  const open: Promise<CallAnswer>[] = [];
  await until(async () => {
    let isAnswered = false;
    const sent = get(`${channel}/held`);
    void sent.then(() => (isAnswered = true));
    await until(() => isAnswered || held.held.length > open.length);
    if (!isAnswered) open.push(sent);
    return refusing(channel, 'BULKHEAD_FULL') === WORKERS;
  });
  return open;
}
const versionInForce = async (channel: string, version: string): Promise<void> => {
  let inARow = 0;
  // Both workers reload, each for itself.
  await until(async () => {
    const answer = await call(gateway.port, `/api/request/${channel}/x`, { method: 'OPTIONS' });
    inARow = answer.headers['x-v'] === version ? inARow + 1 : 0;
    return inARow === 20;
  });
};

describe('a global rate, with two workers', () => {
  it('lets as many through as the whole replica may, and tells the limit of the whole', async () => {
    expect((await get('rate5/x')).headers['ratelimit-policy']).toBe('"global";q=5;w=3600');
    expect(1 + (await passedTillAllRefuse('rate5'))).toBe(5);
  });
  it('gives each worker one at least', async () => {
    expect(await passedTillAllRefuse('rate1')).toBe(2);
  });
});

describe('a bulkhead, with two workers', () => {
  it('lets as many be under way as the whole replica may', async () => {
    const open = await heldTillAllRefuse('bulk5');
    expect(open).toHaveLength(5);
    held.release();
    expect((await Promise.all(open)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });
  it('gives each worker one at least', async () => {
    expect(await heldTillAllRefuse('bulk1')).toHaveLength(2);
  });
});

describe('a reload, with two workers', () => {
  it('leaves what was counted and who is in as they are, in each of them', async () => {
    const open = await heldTillAllRefuse('turned');
    expect([open.length, await passedTillAllRefuse('kept')]).toEqual([3, 7]);
    gateway.write('all.json', { channels: channels('b') });
    await versionInForce('turned', 'b');
    const before = held.held.length;
    const calls = Array.from({ length: 12 }, () => Promise.all([get('turned/held'), get('kept/x')]));
    const statuses = (await Promise.all(calls)).flat().map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(held.held).toHaveLength(before);
    held.release();
    expect((await Promise.all(open)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
