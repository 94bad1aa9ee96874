import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { echoEvent, HeldCalls, TestBackend } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';

/** Components change while calls are under way: their places in a bulkhead are neither lost nor given away twice. */
const held = new HeldCalls();
let backend: TestBackend;
let gateway: TestGateway;
let version = 0;

beforeAll(async () => {
  backend = await TestBackend.start((request, response) =>
    (request.url.includes('/held') ? held.handler : echoEvent)(request, response),
  );
  gateway = await TestGateway.start({ components: { 'all.json': records({ maxConcurrentCalls: 2 }) } });
}, 60_000);
afterEach(() => held.release());
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);

function records(bulkhead: object): unknown {
  return withChannels(aChannel('one', backend.url, { bulkhead, responseHeaders: { 'X-V': String(version) } }))[
    'all.json'
  ];
}
/** Writes the record with this bulkhead, and waits until it is in force. */
async function reloaded(bulkhead: object): Promise<void> {
  version++;
  gateway.write('all.json', records(bulkhead));
  await until(
    async () =>
      (await call(gateway.port, '/api/request/one/x', { method: 'OPTIONS' })).headers['x-v'] === String(version),
  );
}
const get = (path: string): Promise<CallAnswer> => call(gateway.port, `/api/request/one/${path}`);
async function occupied(count: number): Promise<Promise<CallAnswer>[]> {
  const before = held.held.length;
  const calls = Array.from({ length: count }, () => get('held'));
  await until(() => held.held.length === before + count);
  return calls;
}
const active = () => gateway.metric('sluice_bulkhead_calls', { channel: 'one' });

describe('a bulkhead whose calls are under way when components are loaded anew', () => {
  it('is as full as before, where something else has changed', async () => {
    const calls = await occupied(2);
    await reloaded({ maxConcurrentCalls: 2 });
    expect((await get('x')).status).toBe(503);
    held.release();
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200]);
    // Each place is free once: two get in, a third does not.
    const again = await occupied(2);
    expect((await get('x')).status).toBe(503);
    held.release();
    await Promise.all(again);
  });
  it('lets in as many more as it has grown by', async () => {
    const calls = await occupied(2);
    await reloaded({ maxConcurrentCalls: 3 });
    calls.push(...(await occupied(1)));
    expect((await get('x')).status).toBe(503);
    held.release();
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });
  it('lets nobody in after it has shrunk, until enough have left', async () => {
    const calls = await occupied(3);
    await reloaded({ maxConcurrentCalls: 1 });
    expect((await get('x')).status).toBe(503);
    held.release();
    await Promise.all(calls);
    expect((await get('x')).status).toBe(200);
    const last = await occupied(1);
    expect((await get('x')).status).toBe(503);
    held.release();
    await Promise.all(last);
  });
  it('keeps who waits, and lets them in when a place comes free', async () => {
    await reloaded({ maxConcurrentCalls: 1, maxWait: 60_000 });
    const calls = await occupied(1);
    const waits = get('x');
    await until(
      async () => (await gateway.metric('sluice_limit_waiting', { channel: 'one', limit: 'bulkhead' })) === 1,
    );
    await reloaded({ maxConcurrentCalls: 1, maxWait: 50_000 });
    held.release();
    expect([(await calls[0]!).status, (await waits).status]).toEqual([200, 200]);
  });
  it('counts every call of a steady stream through many reloads, and none is left over at the end', async () => {
    await reloaded({ maxConcurrentCalls: 4, maxWait: 0 });
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) await get('x');
    };
    const clients = Array.from({ length: 6 }, client);
    for (let round = 0; round < 5; round++) await reloaded({ maxConcurrentCalls: 4 + (round % 2) });
    isOver = true;
    await Promise.all(clients);
    await until(async () => (await active()) === 0);
    const calls = await occupied(4);
    expect((await get('x')).status).toBe(503);
    held.release();
    await Promise.all(calls);
  });
});
