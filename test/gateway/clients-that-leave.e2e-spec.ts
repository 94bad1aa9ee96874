import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { echoEvent, HeldCalls, TestBackend } from '../support/backend.js';
import { call, post } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

let backend: TestBackend;
/** A runner that sees a call before its body is whole. */
let streaming: Server;
let gateway: TestGateway;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
let ids = 0;

beforeAll(async () => {
  backend = await TestBackend.start();
  streaming = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1');
  await once(streaming, 'listening');
  const streamingUrl = `http://127.0.0.1:${(streaming.address() as AddressInfo).port}`;
  gateway = await TestGateway.start({
    components: withChannels(
      aChannel('rpc', backend.url, { paths: { '*': { isPublic: true }, closed: {} } }),
      aChannel('crud', backend.url, { executor: 'crud' }),
      aChannel('stream', streamingUrl, { executor: 'crud' }),
      aChannel('single', backend.url, { parameters: { 'server.maxConnections': 1 } }),
    ),
    settings: { 'gateway.allowRequestId': true },
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
  streaming.closeAllConnections();
  streaming.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = echoEvent;
  handle = (request, response) => request.resume().on('end', () => response.end());
});
/** Whatever happened, nothing is left of it. */
afterEach(async () => {
  backend.handler = echoEvent;
  await until(async () => (await gateway.inFlight()) === 0);
  expect((await call(gateway.port, '/api/request/rpc/alive?a=1')).text).toBe('{"a":"1"}');
  expect(gateway.child.exitCode).toBeNull();
});

/** Whether the gateway still holds its end of the connection to this port of a client. */
function holdsConnectionTo(port: number): boolean {
  const ends = (address: string | undefined, of: number): boolean =>
    address?.endsWith(`:${of.toString(16).toUpperCase().padStart(4, '0')}`) === true;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some(([, local, remote, state]) => ends(local, gateway.port) && ends(remote, port) && state !== TIME_WAIT);
}
const TIME_WAIT = '06';

/** A client that has sent a request whose log line can be found again. */
async function clientThatSent(method: string, path: string, rest = '\r\n'): Promise<{ client: RawClient; id: string }> {
  const id = `leaver-${++ids}`;
  const client = await RawClient.open(gateway.port);
  client.write(`${method} /api/request/${path} HTTP/1.1\r\nHost: g\r\nX-Request-Id: ${id}\r\n${rest}`);
  return { client, id };
}

async function lineOf(id: string): Promise<Record<string, unknown>> {
  await gateway.until(() => gateway.requestLines().some((line) => line.requestId === id));
  return gateway.requestLines().find((line) => line.requestId === id)!;
}

type Leave = (client: RawClient) => void;
const ways: [string, Leave][] = [
  ['closes', (client) => client.destroy()],
  ['resets', (client) => void client.socket.resetAndDestroy()],
];

describe.each(ways)('a client that %s its connection', (_way, leave) => {
  it('while it sends headers is forgotten', async () => {
    const lines = gateway.requestLines().length;
    const client = await RawClient.open(gateway.port);
    const port = client.socket.localPort!;
    client.write('POST /api/request/rpc/x HTTP/1.1\r\nHost: g\r\nX-A: ');
    await until(() => holdsConnectionTo(port));
    leave(client);
    await until(() => !holdsConnectionTo(port));
    expect(
      gateway
        .requestLines()
        .slice(lines)
        .some((line) => line.path === '/api/request/rpc/x'),
    ).toBe(false);
  });
  it.each(['Content-Length: 100', 'Transfer-Encoding: chunked'])(
    'while it sends a body that is kept is 499, and nobody is called (%s)',
    async (framing) => {
      const { client, id } = await clientThatSent('POST', 'rpc/x', `${framing}\r\n\r\n5\r\n{"a":`);
      await until(async () => (await gateway.inFlight()) === 1);
      leave(client);
      const line = await lineOf(id);
      expect(line).toMatchObject({ status: 499, level: 30 });
      expect(line).not.toHaveProperty('attempts');
      expect(backend.seen).toEqual([]);
    },
  );
  it.each(['Content-Length: 1000000', 'Transfer-Encoding: chunked'])(
    'while it sends a body that streams is 499, and the runner’s call is aborted (%s)',
    async (framing) => {
      let arrived: IncomingMessage | null = null;
      let ended: 'whole' | 'aborted' | null = null;
      handle = (request): void => {
        arrived = request;
        request.resume();
        request.on('end', () => (ended = 'whole')).on('error', () => (ended ??= 'aborted'));
      };
      const { client, id } = await clientThatSent('PUT', 'stream/x', `${framing}\r\n\r\n5\r\nabcde\r\n`);
      await until(() => arrived !== null);
      leave(client);
      expect(await lineOf(id)).toMatchObject({ status: 499, attempts: 1 });
      await until(() => ended !== null);
      expect(ended).toBe('aborted');
    },
  );
  it.each(['rpc', 'crud'])('while the runner works is 499, and the runner’s call is aborted (%s)', async (channel) => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    const { aborted } = backend;
    const counted = await gateway.metric('sluice_requests_total', { channel, method: 'GET', status: '499' });
    const { client, id } = await clientThatSent('GET', `${channel}/x`);
    await until(() => calls.held.length === 1);
    leave(client);
    await until(() => backend.aborted === aborted + 1);
    expect(await lineOf(id)).toMatchObject({ status: 499, attempts: 1, channel });
    expect(await gateway.metric('sluice_requests_total', { channel, method: 'GET', status: '499' })).toBe(counted + 1);
    // An answer that comes all the same is nobody’s.
    calls.release();
  });
  it('while the answer is streamed is 499, and the runner’s call is aborted', async () => {
    const { aborted } = backend;
    backend.handler = (_request, response) => {
      response.write('begun ');
      const flow = setInterval(() => response.write('x'.repeat(1000)), 10);
      response.on('close', () => clearInterval(flow));
    };
    const { client, id } = await clientThatSent('GET', 'crud/x');
    await until(() => client.received.includes('begun'));
    leave(client);
    await until(() => backend.aborted === aborted + 1);
    expect(await lineOf(id)).toMatchObject({ status: 499, attempts: 1 });
  });
  it('while a streamed answer waits for it to read is 499, and the runner’s call is aborted', async () => {
    const { aborted } = backend;
    backend.handler = (_request, response) => response.end(Buffer.alloc(50_000_000));
    const { client, id } = await clientThatSent('GET', 'crud/x');
    await until(() => client.received.length > 0);
    client.socket.pause();
    leave(client);
    await until(() => backend.aborted === aborted + 1);
    expect(await lineOf(id)).toMatchObject({ status: 499 });
  });
  it('while its call waits for a connection is 499, and the runner never gets it', async () => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    const holder = post(gateway.port, '/api/request/single/holder', '{}');
    await until(() => calls.held.length === 1);
    const { client, id } = await clientThatSent('GET', 'single/left');
    await until(async () => (await gateway.inFlight()) === 2);
    leave(client);
    expect(await lineOf(id)).toMatchObject({ status: 499, attempts: 1 });
    calls.release();
    expect((await holder).status).toBe(200);
    backend.handler = echoEvent;
    // The connection is free again for who comes next.
    expect((await post(gateway.port, '/api/request/single/next', '{}')).status).toBe(200);
    expect(backend.seen.map((request) => request.url)).toEqual(['/api/holder', '/api/next']);
  });
  it('with several requests under way is 499 for each of them', async () => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    const { aborted } = backend;
    const { client, id } = await clientThatSent('GET', 'rpc/x');
    client.write(`GET /api/request/rpc/y HTTP/1.1\r\nHost: g\r\nX-Request-Id: ${id}-2\r\n\r\n`);
    client.write(`GET /api/request/crud/z HTTP/1.1\r\nHost: g\r\nX-Request-Id: ${id}-3\r\n\r\n`);
    await until(() => calls.held.length === 3);
    leave(client);
    for (const each of [id, `${id}-2`, `${id}-3`]) expect(await lineOf(each)).toMatchObject({ status: 499 });
    await until(() => backend.aborted === aborted + 3);
  });
  it('instead of sending the body that it was asked to go on with is 499', async () => {
    const { client, id } = await clientThatSent('POST', 'rpc/x', 'Expect: 100-continue\r\nContent-Length: 10\r\n\r\n');
    expect((await client.answer()).status).toBe(100);
    leave(client);
    expect(await lineOf(id)).toMatchObject({ status: 499 });
    expect(backend.seen).toEqual([]);
  });
  it('before it has sent the whole of a refused body keeps the refusal’s status', async () => {
    const { client, id } = await clientThatSent('POST', 'rpc/closed', 'Content-Length: 1000000\r\n\r\nabc');
    expect((await client.answer()).status).toBe(401);
    leave(client);
    expect(await lineOf(id)).toMatchObject({ status: 401, code: 401 });
  });
  it('gives its request id back', async () => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    const { client, id } = await clientThatSent('GET', 'rpc/x');
    await until(() => calls.held.length === 1);
    leave(client);
    await lineOf(id);
    backend.handler = echoEvent;
    expect((await call(gateway.port, '/api/request/rpc/x', { headers: { 'X-Request-Id': id } })).status).toBe(200);
    expect(backend.lastEvent().requestMeta.id).toBe(id);
  });
});

describe('a hundred clients that leave in every phase at once', () => {
  it('leave nothing behind: no request, no socket, no call', async () => {
    let live = 0;
    const track = (response: ServerResponse): void => {
      live++;
      response.on('close', () => live--);
    };
    backend.handler = (request, response) => {
      track(response);
      if (request.url.endsWith('/flow')) {
        response.write('begun');
        const flow = setInterval(() => response.write('x'.repeat(10_000)), 5);
        response.on('close', () => clearInterval(flow));
      }
    };
    handle = (request, response): void => {
      track(response);
      request.on('error', () => undefined).resume();
    };
    const requests = [
      'GET /api/request/rpc/x HTTP/1.1\r\nHost',
      'POST /api/request/rpc/x HTTP/1.1\r\nHost: g\r\nContent-Length: 9\r\n\r\n{',
      'PUT /api/request/stream/x HTTP/1.1\r\nHost: g\r\nContent-Length: 90000\r\n\r\nabc',
      'GET /api/request/rpc/x HTTP/1.1\r\nHost: g\r\n\r\n',
      'GET /api/request/crud/flow HTTP/1.1\r\nHost: g\r\n\r\n',
    ];
    const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.open(gateway.port)));
    clients.forEach((client, index) => client.write(requests[index % requests.length]!));
    // Eighty of them have a request under way, sixty of which are with a runner.
    await until(async () => (await gateway.inFlight()) === 80 && live === 60);
    const ports = clients.map((client) => client.socket.localPort!);
    clients.forEach((client, index) => ways[index % 2]![1](client));
    await until(async () => (await gateway.inFlight()) === 0 && live === 0);
    await until(() => !ports.some(holdsConnectionTo));
  }, 30_000);
});

describe('a client that closes its sending half alone', () => {
  it('after its request leaves nothing behind either', async () => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    const { client, id } = await clientThatSent('GET', 'rpc/x');
    await until(() => calls.held.length === 1);
    client.socket.end();
    calls.release();
    const line = await lineOf(id);
    expect([200, 499]).toContain(line.status);
    await client.closed();
    client.destroy();
  });
  it('within its body has gone: it can never be whole', async () => {
    const { client, id } = await clientThatSent('POST', 'rpc/x', 'Content-Length: 10\r\n\r\n{"a"');
    client.socket.end();
    expect(await lineOf(id)).toMatchObject({ status: 499 });
    await client.closed();
    client.destroy();
  });
});
