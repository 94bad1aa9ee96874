import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { HeldCalls, sendJson, TestBackend } from '../support/backend.js';
import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { RawRunner } from '../support/raw-runner.js';
import { until } from '../support/until.js';

let backend: TestBackend;
let raw: RawRunner;
let deaf: DeafListener;
let gateway: TestGateway;

beforeAll(async () => {
  [backend, raw, deaf] = await Promise.all([TestBackend.start(), RawRunner.start(), DeafListener.start()]);
  const nobody = await portOfNobody();
  const both = (name: string, url: string, parameters = {}): Record<string, unknown>[] =>
    ['rpc', 'crud'].map((executor) => aChannel(`${executor}-${name}`, url, { executor, parameters }));
  gateway = await TestGateway.start({
    components: withChannels(
      ...both('refused', `http://127.0.0.1:${nobody}`),
      ...both('unknown', 'http://nobody.invalid'),
      ...both('deaf', `http://127.0.0.1:${deaf.port}`, { 'server.connectionTimeout': 300 }),
      ...both('raw', raw.url, { 'server.timeout': 3000, 'server.maxInMemorySize': 10_000 }),
      ...both('http', backend.url, { 'server.maxInMemorySize': 10_000 }),
      ...both('hasty', backend.url, { 'server.timeout': 300 }),
      ...both('full', backend.url, {
        'server.maxConnections': 1,
        'server.pendingAcquireMaxCount': 1,
        'server.retryAfter503': 7,
      }),
      ...both('narrow', backend.url, {
        'server.maxConnections': 1,
        'server.pendingAcquireMaxCount': 5,
        'server.retryAfter503': 9,
        'server.timeout': 600,
      }),
    ),
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await Promise.all([backend.close(), raw.close(), deaf.close()]);
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = (request, response) => sendJson(response, request.body);
});

const get = (path: string): Promise<CallAnswer> => call(gateway.port, `/api/request/${path}/x`);

function expectFailed(answer: CallAnswer, status: number, code = status): void {
  expect(answer.json()).toEqual({ error: { code, message: expect.any(String), requestId: expect.any(String) } });
  expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({ status, type: 'application/json' });
}

describe.each(['rpc', 'crud'])('a %s runner', (executor) => {
  it('that refuses connections is 502', async () => expectFailed(await get(`${executor}-refused`), 502));
  it('whose host is unknown is 502', async () => expectFailed(await get(`${executor}-unknown`), 502), 30_000);
  it('that resets the connection is 502', async () => {
    raw.onRequest = (socket) => void socket.resetAndDestroy();
    expectFailed(await get(`${executor}-raw`), 502);
  });
  it('that ends the connection without an answer is 502', async () => {
    raw.onRequest = (socket) => void socket.end();
    expectFailed(await get(`${executor}-raw`), 502);
  });
  it('that breaks off inside the head is 502', async () => {
    raw.answers('HTTP/1.1 200 OK\r\nContent-Le');
    expectFailed(await get(`${executor}-raw`), 502);
  });
  it('that does not answer within server.timeout is 504', async () => {
    const { aborted } = backend;
    backend.handler = () => undefined;
    const began = Date.now();
    expectFailed(await get(`${executor}-hasty`), 504);
    expect(Date.now() - began).toBeLessThan(3000);
    // Its call is given up, too.
    await until(() => backend.aborted === aborted + 1);
  });
  it('whose connection does not stand within server.connectionTimeout is 504', async () => {
    await deaf.fill();
    expectFailed(await get(`${executor}-deaf`), 504);
  }, 30_000);
  it.each([
    ['no HTTP', 'garbage garbage\r\n\r\n'],
    ['a banner of another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a bad status line', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['a bad header', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n'],
    ['a bad length', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}'],
  ])('that answers %s is 502 with 17011', async (_what, bytes) => {
    raw.answers(bytes);
    expectFailed(await get(`${executor}-raw`), 502, 17011);
  });
  it('whose head is too large is 502 with 17011', async () => {
    raw.answers(`HTTP/1.1 200 OK\r\nX-Big: ${'x'.repeat(200_000)}\r\nContent-Length: 2\r\n\r\n{}`);
    expectFailed(await get(`${executor}-raw`), 502, 17011);
  });
  it('that failed serves again as soon as it is well', async () => {
    raw.onRequest = (socket) => void socket.resetAndDestroy();
    expect((await get(`${executor}-raw`)).status).toBe(502);
    raw.answers('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}', false);
    expect(await get(`${executor}-raw`)).toMatchObject({ status: 200, text: '{"a":1}' });
  });
  it('that sends more than its answer harms no other call', async () => {
    raw.answers(
      'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"b":2}',
      false,
    );
    expect(await get(`${executor}-raw`)).toMatchObject({ status: 200, text: '{"a":1}' });
    raw.answers('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"c":3}', false);
    const next = await get(`${executor}-raw`);
    expect(next.text).not.toContain('"b"');
  });
  it('that answers after it was given up harms nobody', async () => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    expect((await get(`${executor}-hasty`)).status).toBe(504);
    calls.release();
    backend.handler = (_request, response) => sendJson(response, '{"fresh":true}');
    expect(await get(`${executor}-hasty`)).toMatchObject({ status: 200, text: '{"fresh":true}' });
  });
  it('with as many calls as it may have is 503 with Retry-After, at once, and then serves again', async () => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    const before = await gateway.inFlight();
    const waiting = [get(`${executor}-full`), get(`${executor}-full`)];
    await until(async () => (await gateway.inFlight()) === before + 2);
    // One is with the runner, the other waits for its connection: both are in the gateway once a third is refused.
    const refused = await Promise.race([get(`${executor}-full`), ...waiting]);
    expectFailed(refused, 503);
    expect(refused.headers['retry-after']).toBe('7');
    const answers = Promise.all(waiting);
    const release = setInterval(() => calls.release(), 5);
    expect((await answers).map(({ status }) => status)).toEqual([200, 200]);
    clearInterval(release);
    backend.handler = (_request, response) => sendJson(response, '{}');
    expect((await get(`${executor}-full`)).status).toBe(200);
  });
  it('that names two lengths is 502', async () => {
    raw.answers('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 20\r\n\r\n{}');
    expect((await get(`${executor}-raw`)).status).toBe(502);
  });
});

describe('an rpc runner', () => {
  it.each([
    ['by its length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"payload":{"a":1}}'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{"payload":{"a":1}}\r\n'],
  ])('that breaks off half-way is 502 (%s)', async (_how, bytes) => {
    raw.answers(bytes);
    expectFailed(await get('rpc-raw'), 502);
  });
  it('that is silent half-way is 504', async () => {
    backend.handler = (_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('{"payload":');
    };
    expectFailed(await get('rpc-hasty'), 504);
  });
  it('that trickles beyond server.timeout is 504: the whole answer counts', async () => {
    backend.handler = (_request, response) => {
      response.writeHead(200);
      const trickle = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(trickle));
    };
    expectFailed(await get('rpc-hasty'), 504);
  });
  it.each(['<html></html>', '', ' ', 'undefined', '{"payload":{}', '{"payload":{"a":01}}', '{} {}', '\u0000'])(
    'whose answer is no JSON is 502 with 17011: %j',
    async (body) => {
      backend.handler = (_request, response) => sendJson(response, body);
      expectFailed(await get('rpc-http'), 502, 17011);
    },
  );
  it('whose answer is no UTF-8 is 502 with 17011', async () => {
    backend.handler = (_request, response) => response.end(Buffer.from('{"payload":{"a":"\xff"}}', 'latin1'));
    expectFailed(await get('rpc-http'), 502, 17011);
  });
  it('whose answer is nested beyond measure is 502 with 17011', async () => {
    backend.handler = (_request, response) => sendJson(response, '['.repeat(4000) + ']'.repeat(4000));
    expectFailed(await get('rpc-http'), 502, 17011);
  });
  it.each([
    ['by its length', true],
    ['in chunks', false],
  ])(
    'whose answer is larger than server.maxInMemorySize is 502 with 17011, and its call is aborted (%s)',
    async (_how, hasLength) => {
      const body = JSON.stringify({ payload: { a: 'x'.repeat(20_000_000) } });
      const { aborted } = backend;
      backend.handler = (_request, response) => {
        response.writeHead(200, hasLength ? { 'Content-Length': body.length } : {});
        response.end(body);
      };
      expectFailed(await get('rpc-http'), 502, 17011);
      await until(() => backend.aborted > aborted);
    },
  );
  it.each([
    [400, 400],
    [401, 401],
    [403, 403],
    [404, 404],
    [409, 409],
    [429, 429],
    [499, 499],
    [500, 502],
    [501, 502],
    [502, 502],
    [503, 503],
    [504, 504],
    [599, 502],
    [300, 502],
    [301, 502],
    [302, 502],
    [304, 502],
    [308, 502],
  ])('that answers HTTP %d without an event is %d, and its body never passes', async (status, expected) => {
    for (const body of ['<h1>secret</h1>', '{"secret":1}', '{"error":{"code":1,"message":"secret"}}', '']) {
      backend.handler = (_request, response) => {
        response.writeHead(status, { Location: 'http://secret/', 'WWW-Authenticate': 'secret', 'Retry-After': '99' });
        response.end(body);
      };
      const answer = await get('rpc-http');
      expectFailed(answer, expected);
      expect(answer.text).not.toContain('secret');
      expect(JSON.stringify(answer.headers)).not.toContain('secret');
    }
  });
  it('that answers 4xx with an event that has no error keeps its status', async () => {
    backend.handler = (_request, response) => sendJson(response, '{"requestMeta":{},"payload":{"secret":1}}', 404);
    const answer = await get('rpc-http');
    expectFailed(answer, 404);
    expect(answer.text).not.toContain('secret');
  });
});

describe('a crud runner', () => {
  it('without a free connection in time is 503 with Retry-After, and not called', async () => {
    backend.handler = (_request, response) => {
      response.write('begun ');
      const trickle = setInterval(() => response.write('on '), 100);
      response.on('close', () => clearInterval(trickle));
    };
    const holder = await RawClient.open(gateway.port);
    holder.write('GET /api/request/crud-narrow/x HTTP/1.1\r\nHost: g\r\n\r\n');
    await until(() => holder.received.includes('begun'));
    const refused = await get('crud-narrow');
    expectFailed(refused, 503);
    expect(refused.headers['retry-after']).toBe('9');
    expect(backend.seen).toHaveLength(1);
    holder.destroy();
    backend.handler = (_request, response) => sendJson(response, '{}');
    await until(async () => (await get('crud-narrow')).status === 200);
  });
  it('that breaks off after the head ends the client’s connection early', async () => {
    raw.onRequest = (socket): void => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n0123456789');
      setTimeout(() => socket.destroy(), 50);
    };
    const client = await RawClient.open(gateway.port);
    client.write('GET /api/request/crud-raw/x HTTP/1.1\r\nHost: g\r\n\r\n');
    await client.closed();
    expect(client.received).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n0123456789$/);
    client.destroy();
  });
  it('that breaks off in chunks ends the client’s connection without the last chunk', async () => {
    raw.onRequest = (socket): void => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n');
      setTimeout(() => socket.destroy(), 50);
    };
    const client = await RawClient.open(gateway.port);
    client.write('GET /api/request/crud-raw/x HTTP/1.1\r\nHost: g\r\n\r\n');
    await client.closed();
    expect(client.received).toMatch(/\r\n\r\na\r\n0123456789\r\n$/);
    client.destroy();
  });
  it('that is silent after the head ends the client’s connection early', async () => {
    backend.handler = (_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('0123456789');
    };
    const { aborted } = backend;
    const client = await RawClient.open(gateway.port);
    client.write('GET /api/request/crud-hasty/x HTTP/1.1\r\nHost: g\r\n\r\n');
    await client.closed();
    expect(client.received).toMatch(/0123456789$/);
    await until(() => backend.aborted === aborted + 1);
    client.destroy();
  });
  it('may answer more than server.maxInMemorySize: it streams', async () => {
    backend.handler = (_request, response) => response.end('x'.repeat(1_000_000));
    expect((await get('crud-http')).text).toHaveLength(1_000_000);
  });
  it('that answers while the upload is still under way is answered with that', async () => {
    const client = await RawClient.open(gateway.port);
    raw.server.once('connection', (socket: Socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy');
      });
    });
    client.write('PUT /api/request/crud-raw/x HTTP/1.1\r\nHost: g\r\nContent-Length: 1000000\r\n\r\nabc');
    const answer = await client.answer();
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 409, body: 'busy' });
    client.destroy();
  });
});

describe('the log line of a failed call', () => {
  it('names the error and its cause, which the client never sees', async () => {
    const answer = await get('rpc-refused');
    const { requestId } = answer.json<ErrorAnswer>().error;
    expect(answer.text).not.toContain('ECONNREFUSED');
    await gateway.until(() => gateway.requestLines().some((line) => line.requestId === requestId));
    expect(gateway.requestLines().find((line) => line.requestId === requestId)).toMatchObject({
      level: 50,
      status: 502,
      code: 502,
      error: 'BACKEND_UNREACHABLE',
      cause: expect.stringContaining('ECONNREFUSED'),
      attempts: 1,
      backendMs: expect.any(Number),
    });
  });
});

async function portOfNobody(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Listens and never accepts: once its backlog is full, connections do not come to stand. */
class DeafListener {
  private readonly sockets: Socket[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(): Promise<DeafListener> {
    const program = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port) + '\\n');
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    return new DeafListener(child, Number(chunk.toString()));
  }

  /** Fills the backlog: until a connection of ours no longer comes to stand at once. */
  async fill(): Promise<void> {
    for (let count = 0; count < 20; count++) {
      const socket = connect({ port: this.port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      this.sockets.push(socket);
      const stands = await Promise.race([
        once(socket, 'connect').then(() => true),
        // Nothing tells that a backlog is full but that a connection does not come to stand.
        new Promise<boolean>((resolve) => setTimeout(resolve, 200, false)),
      ]);
      if (!stands) return;
    }
    throw new Error('The backlog does not fill.');
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
