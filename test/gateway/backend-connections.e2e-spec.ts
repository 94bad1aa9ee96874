import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawRunner } from '../support/raw-runner.js';
import { until } from '../support/until.js';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}';
let runner: RawRunner;
let gateway: TestGateway;
let last: Socket | null = null;

beforeAll(async () => {
  runner = await RawRunner.start();
  const both = (name: string, parameters = {}): Record<string, unknown>[] =>
    ['rpc', 'crud'].map((executor) => aChannel(`${executor}-${name}`, runner.url, { executor, parameters }));
  gateway = await TestGateway.start({
    settings: { 'log.requests': 'none' },
    components: withChannels(
      ...both('kept'),
      ...both('short', { 'server.maxIdleTime': 100 }),
      ...both('aging', { 'server.maxLifeTime': 100 }),
      ...both('repeated'),
      ...both('refused', { 'server.maxIdleTime': 30_000 }),
    ),
  });
  runner.onRequest = (socket) => {
    last = socket;
    socket.write(ANSWER);
  };
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await runner.close();
}, 60_000);

const post = (channel: string): Promise<CallAnswer> =>
  call(gateway.port, `/api/request/${channel}/x`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });

describe.each(['rpc', 'crud'])('a connection to a %s runner', (executor) => {
  it('serves one call after the other', async () => {
    await post(`${executor}-kept`);
    const before = runner.connections;
    for (let index = 0; index < 20; index++) expect((await post(`${executor}-kept`)).status).toBe(200);
    expect(runner.connections).toBe(before);
  });
  it.each([
    ['reset', (socket: Socket) => void socket.resetAndDestroy()],
    ['ended', (socket: Socket) => void socket.end()],
  ])('that was %s while nobody used it costs no call, whatever its method', async (_, cut) => {
    const statuses: number[] = [];
    for (let index = 0; index < 100; index++) {
      statuses.push((await post(`${executor}-kept`)).status);
      const closed = once(last!, 'close');
      cut(last!);
      // The end is on its way, perhaps not seen by the gateway yet.
      await closed;
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
  it('is given up once it was idle for server.maxIdleTime', async () => {
    await post(`${executor}-short`);
    const idle = last!;
    await until(() => idle.destroyed || idle.readableEnded);
  });
  it('is replaced once it is as old as server.maxLifeTime', async () => {
    await post(`${executor}-aging`);
    const before = runner.connections;
    await gateway.until(async () => {
      expect((await post(`${executor}-aging`)).status).toBe(200);
      return runner.connections > before;
    });
  });
});

describe('a call whose connection ends before any answer', () => {
  /** The runner takes the request and hangs up, that many times. */
  function hangsUp(times: number): { readonly taken: () => number } {
    let taken = 0;
    const answers = runner.onRequest;
    runner.onRequest = (socket) => {
      if (taken++ < times) return void socket.destroy();
      runner.onRequest = answers;
      answers(socket);
    };
    return { taken: () => taken };
  }

  it.each(['GET', 'PUT', 'DELETE'])('is made once more where its method may be repeated (%s)', async (method) => {
    const { taken } = hangsUp(1);
    expect((await call(gateway.port, '/api/request/crud-repeated/x', { method })).status).toBe(200);
    expect(taken()).toBe(2);
  });
  it('is not made a third time', async () => {
    const { taken } = hangsUp(2);
    expect((await call(gateway.port, '/api/request/crud-repeated/x')).status).toBe(502);
    expect(taken()).toBe(2);
    expect((await call(gateway.port, '/api/request/crud-repeated/x')).status).toBe(200);
  });
  it.each(['rpc', 'crud'])('is never made twice where it may have done something (POST, %s)', async (executor) => {
    const { taken } = hangsUp(1);
    expect((await post(`${executor}-refused`)).status).toBe(502);
    expect(taken()).toBe(1);
    expect((await post(`${executor}-refused`)).status).toBe(200);
  });
});
