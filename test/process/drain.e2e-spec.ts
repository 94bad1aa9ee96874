import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { echoEvent, HeldCalls, TestBackend } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';
import { freePort } from './program.js';

jest.setTimeout(60_000);

const held = new HeldCalls();
let backend: TestBackend;
let gateway: TestGateway;

beforeEach(async () => {
  held.held.length = 0;
  // What is asked for under /held waits until the test lets it go; anything else is answered at once.
  backend = await TestBackend.start((request, response) =>
    (request.url.includes('/held') ? held.handler : echoEvent)(request, response),
  );
});
afterEach(async () => {
  gateway.child.kill('SIGKILL');
  await gateway.stop();
  await backend.close();
});

async function started(settings: Readonly<Record<string, string | number>>): Promise<number> {
  gateway = await TestGateway.start({
    components: withChannels(
      aChannel('rpc', backend.url),
      aChannel('crud', backend.url, { executor: 'crud', target: '/held' }),
    ),
    settings,
  });
  return gateway.port;
}

const rpc = '/api/request/rpc';
type Outcome = CallAnswer | { readonly broke: string };

/** A call that the backend keeps. */
async function heldCall(port: number, path = `${rpc}/held`): Promise<{ outcome: Outcome | null }> {
  const state: { outcome: Outcome | null } = { outcome: null };
  const before = held.held.length;
  void call(port, path).then(
    (answer) => (state.outcome = answer),
    (error: NodeJS.ErrnoException) => (state.outcome = { broke: error.code ?? error.message }),
  );
  await until(() => held.held.length > before);
  return state;
}

const statusOf = async (port: number, path: string): Promise<number> => (await call(port, path)).status;
const refuses = (port: number): Promise<boolean> =>
  call(port, '/health/live').then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'ECONNREFUSED',
  );

/** Exit code, once all that the process wrote is here. */
async function ended(): Promise<number | null> {
  await gateway.exited();
  const { stdout } = gateway.child;
  if (stdout !== null && !stdout.readableEnded) await once(stdout, 'end');
  return gateway.child.exitCode;
}

function linesOf(path: string): unknown[] {
  return gateway
    .requestLines()
    .filter((line) => line.path === path)
    .map(({ status }) => status);
}

describe.each(['SIGTERM', 'SIGINT'] as const)('on %s', (signal) => {
  it('readiness is off at once, new requests are served for the delay, then what is in flight is answered', async () => {
    const delayMs = 2500;
    const port = await started({ 'server.shutdownDelayMs': delayMs, 'server.shutdownGraceMs': 30_000 });
    const inFlight = await heldCall(port);
    const kept = await RawClient.open(port);
    kept.write(`GET ${rpc}/kept HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect((await kept.answer()).headers.connection).not.toBe('close');
    const idle = await RawClient.open(port);
    idle.write(`GET ${rpc}/idle HTTP/1.1\r\nHost: a\r\n\r\n`);
    await idle.answer();
    const unused = await RawClient.open(port);

    gateway.child.kill(signal);
    const toldAt = performance.now();
    await until(async () => (await statusOf(port, '/health/ready')) === 503, 1000);
    expect(await call(port, '/actuator/health/readiness')).toMatchObject({ status: 503, text: '{"status":"DOWN"}' });
    expect(await statusOf(port, '/health/live')).toBe(200);

    const fresh = await call(port, `${rpc}/fresh`, { headers: { Connection: 'keep-alive' } });
    expect([fresh.status, fresh.headers.connection]).toEqual([200, 'close']);
    const refused = await call(port, '/api/request/nowhere/x', { headers: { Connection: 'keep-alive' } });
    expect([refused.status, refused.headers.connection]).toEqual([404, 'close']);
    kept.write(`GET ${rpc}/kept HTTP/1.1\r\nHost: a\r\n\r\n`);
    const last = await kept.answer();
    expect([last.status, last.headers.connection]).toEqual([200, 'close']);
    await kept.closed();
    expect(performance.now() - toldAt).toBeLessThan(delayMs);

    await until(() => refuses(port));
    // Timers may be a hair early.
    expect(performance.now() - toldAt).toBeGreaterThan(delayMs - 50);
    await idle.closed();
    expect([inFlight.outcome, gateway.child.exitCode]).toEqual([null, null]);
    held.release();
    await until(() => inFlight.outcome !== null);
    expect(inFlight.outcome).toMatchObject({ status: 200, text: '{}' });
    expect(await ended()).toBe(0);
    await unused.closed();
    expect([linesOf(`${rpc}/kept`), linesOf(`${rpc}/fresh`), linesOf(`${rpc}/held`)]).toEqual([
      [200, 200],
      [200],
      [200],
    ]);
    expect(gateway.lines.at(-1)?.msg).toBe('stopped');
  });
});

describe('a request that outlasts server.shutdownGraceMs', () => {
  it('is cut off, at the runner too, has its log line, and the exit code is 0 all the same', async () => {
    const graceMs = 400;
    const port = await started({ 'server.shutdownGraceMs': graceMs });
    const waiting = await heldCall(port);
    const streaming = await RawClient.open(port);
    streaming.write('GET /api/request/crud/stream HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => held.held.length === 2);
    const { response } = held.held[1]!;
    response.writeHead(200, { 'Content-Length': 1000 });
    response.write('begun');
    await until(() => streaming.received.endsWith('begun'));

    gateway.child.kill('SIGTERM');
    const toldAt = performance.now();
    await until(() => waiting.outcome !== null && streaming.ended);
    expect(performance.now() - toldAt).toBeGreaterThan(graceMs - 50);
    expect(waiting.outcome).toEqual({ broke: 'ECONNRESET' });
    expect(streaming.received.endsWith('begun')).toBe(true);
    await until(() => backend.aborted === 2);
    expect(await ended()).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(graceMs + 10_000);
    expect(linesOf(`${rpc}/held`)).toEqual([499]);
    expect(linesOf('/api/request/crud/stream')).toHaveLength(1);
  });
});

describe('a second signal', () => {
  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('changes nothing: %s, then %s', async (first, second) => {
    const delayMs = 1500;
    const port = await started({ 'server.shutdownDelayMs': delayMs });
    const inFlight = await heldCall(port);
    gateway.child.kill(first);
    const toldAt = performance.now();
    await until(async () => (await statusOf(port, '/health/ready')) === 503);
    gateway.child.kill(second);
    expect(await statusOf(port, `${rpc}/between`)).toBe(200);
    await until(() => refuses(port));
    expect(performance.now() - toldAt).toBeGreaterThan(delayMs - 50);
    gateway.child.kill(second);
    expect(inFlight.outcome).toBeNull();
    held.release();
    await until(() => inFlight.outcome !== null);
    expect(inFlight.outcome).toMatchObject({ status: 200 });
    expect(await ended()).toBe(0);
    expect(gateway.lines.filter(({ msg }) => msg === 'stopped')).toHaveLength(1);
  });
});

describe('what was logged', () => {
  it('is out when the process has ended, to the line of the last request', async () => {
    const port = await started({});
    const paths = Array.from({ length: 300 }, (_, index) => `${rpc}/number${index}`);
    const answers = await Promise.all(paths.map((path) => call(port, path)));
    gateway.child.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const logged = gateway.requestLines().map(({ path }) => String(path));
    expect(logged.sort()).toEqual(paths.sort());
  });
});

describe('with a management listener', () => {
  it('the drain can be watched there until the last request is answered', async () => {
    const management = await freePort();
    const port = await started({ 'server.management.port': management });
    const inFlight = await heldCall(port);
    expect(await statusOf(management, '/health/ready')).toBe(200);
    gateway.child.kill('SIGTERM');
    await until(() => refuses(port));
    expect(await statusOf(management, '/health/ready')).toBe(503);
    expect(await statusOf(management, '/health/live')).toBe(200);
    expect((await call(management, '/metrics')).text).toMatch(/^sluice_requests_in_flight(\{.*\})? 2$/m);
    held.release();
    await until(() => inFlight.outcome !== null);
    expect(inFlight.outcome).toMatchObject({ status: 200 });
    expect(await ended()).toBe(0);
  });
});

describe('a gateway that was never ready', () => {
  it('ends at once, with exit code 0', async () => {
    const port = await freePort();
    gateway = TestGateway.spawn({
      settings: { 'server.port': port, 'server.shutdownDelayMs': 30_000, 'config.loader.folder': 'nowhere' },
    });
    await until(() =>
      statusOf(port, '/health/ready').then(
        (status) => status === 503,
        () => false,
      ),
    );
    gateway.child.kill('SIGTERM');
    const toldAt = performance.now();
    expect(await ended()).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(15_000);
    expect(gateway.lines.at(-1)?.msg).toBe('stopped');
  });
});
