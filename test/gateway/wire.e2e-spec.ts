import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HeldCalls, sendJson, TestBackend } from '../support/backend.js';
import { aChannel, withChannels } from '../support/channels.js';
import type { ErrorAnswer } from '../support/call.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient, type RawAnswer } from '../support/raw-client.js';
import { until } from '../support/until.js';

let backend: TestBackend;
let gateway: TestGateway;

beforeAll(async () => {
  backend = await TestBackend.start();
  gateway = await TestGateway.start({
    components: withChannels(
      aChannel('rpc', backend.url, {
        paths: {
          '*': { isPublic: true },
          closed: { isDisabled: true },
          read: { methods: { GET: { isPublic: true } } },
        },
      }),
      aChannel('crud', backend.url, { executor: 'crud' }),
    ),
    settings: { 'server.headersTimeout': 400, 'server.requestTimeout': 400 },
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = (request, response) => sendJson(response, request.body);
});

/** Sends these bytes over a connection of their own and gives the first answer. */
async function answerTo(bytes: string): Promise<{ answer: RawAnswer; client: RawClient }> {
  const client = await RawClient.open(gateway.port);
  client.write(bytes);
  return { client, answer: await client.answer() };
}

/** Refused in the form of every error, the connection ended, and nothing gone to a runner. */
async function expectBroken(bytes: string, status = 400): Promise<RawAnswer> {
  const { answer, client } = await answerTo(bytes);
  expectError(answer, status);
  expect(answer.headers.connection).toBe('close');
  await client.closed();
  client.destroy();
  expect(backend.seen).toEqual([]);
  return answer;
}

function expectError(answer: RawAnswer, status: number): void {
  expect({ status: answer.status, type: answer.headers['content-type'] }).toEqual({ status, type: 'application/json' });
  const body = JSON.parse(answer.body) as ErrorAnswer;
  expect(body).toEqual({ error: { code: status, message: expect.any(String), requestId: expect.any(String) } });
  expect(body.error.requestId).toMatch(/^default-\d+-\d+/);
}

/** A good request, unless told otherwise. */
function get(target: string, ...headers: string[]): string {
  return ['GET', target, 'HTTP/1.1\r\n'].join(' ') + ['Host: gateway.test', ...headers, '', ''].join('\r\n');
}

async function statusOf(bytes: string): Promise<number> {
  const { answer, client } = await answerTo(bytes);
  client.destroy();
  return answer.status;
}

describe('the Host header', () => {
  it.each([
    ['an empty one', ''],
    ['user-info', 'user@gateway.test'],
    ['user-info with a password', 'user:secret@gateway.test'],
    ['a list', 'gateway.test, other.test'],
    ['a space', 'gateway.test other'],
    ['a path', 'gateway.test/admin'],
    ['a query', 'gateway.test?x'],
    ['a fragment', 'gateway.test#x'],
    ['a backslash', 'gateway.test\\x'],
    ['a port above 65535', 'gateway.test:65536'],
    ['a port of six digits', 'gateway.test:000080'],
    ['a port that is no number', 'gateway.test:http'],
    ['a negative port', 'gateway.test:-1'],
    ['an escape', 'gateway%2etest'],
    ['an open bracket', '[::1'],
  ])('is refused with %s', async (_what, host) => {
    await expectBroken(`GET /api/request/rpc/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  });
  it('is refused twice, even with equal values', async () => {
    await expectBroken('GET /api/request/rpc/x HTTP/1.1\r\nHost: gateway.test\r\nHost: gateway.test\r\n\r\n');
    await expectBroken('GET /api/request/rpc/x HTTP/1.1\r\nHost: gateway.test\r\nhOST: other.test\r\n\r\n');
  });
  it('must be there in HTTP/1.1', async () => {
    await expectBroken('GET /api/request/rpc/x HTTP/1.1\r\n\r\n');
  });
  it('may be missing in HTTP/1.0', async () => {
    expect(await statusOf('GET /api/request/rpc/x HTTP/1.0\r\n\r\n')).toBe(200);
  });
  it.each(['gateway.test', 'gateway.test:8080', '127.0.0.1:1', '[::1]', '[2001:db8::1]:65535', 'a_b-c.d'])(
    'may be %s',
    async (host) => {
      expect(await statusOf(`GET /api/request/rpc/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toBe(200);
    },
  );
});

describe('the request target', () => {
  it('in absolute form is served where it names the Host', async () => {
    expect(await statusOf(get('http://gateway.test/api/request/rpc/abs?a=1'))).toBe(200);
    expect(backend.lastEvent().requestMeta.path).toBe('/abs');
    expect(backend.lastEvent().payload.parameters).toEqual({ a: '1' });
  });
  it.each([
    'http://other.test/api/request/rpc/x',
    'http://gateway.test:81/api/request/rpc/x',
    'http://user@gateway.test/api/request/rpc/x',
    'http:///api/request/rpc/x',
    'https://other.test',
  ])('in absolute form that differs from Host is refused: %s', async (target) => {
    await expectBroken(get(target));
  });
  it.each(['/api/request/rpc/x#y', '/api/request/rpc/x?a=1#y', '/#', 'http://gateway.test/api/request/rpc/x#'])(
    'with a fragment is refused: %s',
    async (target) => {
      await expectBroken(get(target));
    },
  );
  it.each(['*', 'gateway.test:80', 'ftp://gateway.test/x', 'api/request/rpc/x'])(
    'in a form that GET does not have is refused: %s',
    async (target) => {
      await expectBroken(get(target));
    },
  );
  it.each([
    ['a bad escape', '/api/request/rpc/%zz'],
    ['half an escape', '/api/request/rpc/%4'],
    ['an escape that is no UTF-8', '/api/request/rpc/%ff'],
    ['an escape of an overlong form', '/api/request/rpc/%c0%af'],
    ['NUL', '/api/request/rpc/%00'],
    ['NUL in the channel', '/api/request/rpc%00/x'],
    ['a control character', '/api/request/rpc/a%0Ab'],
    ['DEL', '/api/request/rpc/a%7fb'],
    ['an encoded slash', '/api/request/rpc/a%2Fb'],
    ['an encoded backslash', '/api/request/rpc/a%5Cb'],
    ['a backslash', '/api/request/rpc/a\\b'],
    ['a semicolon', '/api/request/rpc/a;b'],
    ['an encoded semicolon', '/api/request/rpc/a%3Bb'],
    ['a dot segment', '/api/request/rpc/./x'],
    ['a double dot segment', '/api/request/rpc/../x'],
    ['an encoded dot segment', '/api/request/rpc/%2e/x'],
    ['an encoded double dot segment', '/api/request/rpc/.%2E/x'],
    ['a double dot at the end', '/api/request/rpc/x/..'],
  ])('with %s is refused', async (_what, target) => {
    const { answer, client } = await answerTo(get(target));
    client.destroy();
    expectError(answer, 400);
    expect(backend.seen).toEqual([]);
  });
});

describe('the version and framing of a request', () => {
  it.each([
    ['HTTP/0.9', 'GET /api/request/rpc/x\r\n\r\n'],
    ['HTTP/2.0 in plain text', 'GET /api/request/rpc/x HTTP/2.0\r\nHost: gateway.test\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/3', 'GET /api/request/rpc/x HTTP/3\r\nHost: gateway.test\r\n\r\n'],
    ['an unknown minor version', 'GET /api/request/rpc/x HTTP/1.2\r\nHost: gateway.test\r\n\r\n'],
    ['something that is no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['a space before the colon', get('/api/request/rpc/x', 'X-A : b')],
    ['a folded header', get('/api/request/rpc/x', 'X-A: b\r\n c')],
    ['a bare line feed', 'GET /api/request/rpc/x HTTP/1.1\nHost: gateway.test\n\n'],
    ['NUL in a header', get('/api/request/rpc/x', 'X-A: b\0c')],
  ])('refuse %s', async (_what, bytes) => {
    await expectBroken(bytes);
  });

  const post = (version: string, ...headers: string[]): string =>
    [`POST /api/request/rpc/x HTTP/${version}`, 'Host: gateway.test', ...headers, '', ''].join('\r\n');
  const chunks = '2\r\n{}\r\n0\r\n\r\n';
  it.each([
    ['chunks in HTTP/1.0', post('1.0', 'Transfer-Encoding: chunked') + chunks],
    [
      'an empty Transfer-Encoding beside a Content-Length',
      `${post('1.1', 'Transfer-Encoding:', 'Content-Length: 2')}{}`,
    ],
    [
      'Content-Length before Transfer-Encoding',
      post('1.1', 'Content-Length: 2', 'Transfer-Encoding: chunked') + chunks,
    ],
    [
      'Transfer-Encoding before Content-Length',
      post('1.1', 'Transfer-Encoding: chunked', 'Content-Length: 2') + chunks,
    ],
    ['a coding that is not chunked', post('1.1', 'Transfer-Encoding: gzip, chunked') + chunks],
    ['chunked that is not the last coding', post('1.1', 'Transfer-Encoding: chunked, identity') + chunks],
    ['chunked twice', post('1.1', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + chunks],
    ['two Content-Lengths', `${post('1.1', 'Content-Length: 2', 'Content-Length: 2')}{}`],
    ['a list as Content-Length', `${post('1.1', 'Content-Length: 2, 2')}{}`],
    ['a signed Content-Length', `${post('1.1', 'Content-Length: +2')}{}`],
    ['a negative Content-Length', `${post('1.1', 'Content-Length: -2')}{}`],
    ['a Content-Length in hex', `${post('1.1', 'Content-Length: 0x2')}{}`],
    ['a chunk size that is no number', `${post('1.1', 'Transfer-Encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`],
    ['a chunk longer than its size', `${post('1.1', 'Transfer-Encoding: chunked')}1\r\n{}\r\n0\r\n\r\n`],
  ])('refuse %s', async (_what, bytes) => {
    await expectBroken(bytes);
  });
  it('are fine with chunks in HTTP/1.1, whatever their case', async () => {
    expect(await statusOf(post('1.1', 'Transfer-Encoding: Chunked') + chunks)).toBe(200);
  });
});

describe('methods', () => {
  const allow = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
  it.each(['TRACE', 'PROPFIND', 'PURGE', 'QUERY', 'LINK', 'FOO'])('%s is answered 405 with Allow', async (method) => {
    const { answer, client } = await answerTo(`${method} /api/request/rpc/x HTTP/1.1\r\nHost: gateway.test\r\n\r\n`);
    client.destroy();
    expectError(answer, 405);
    expect(answer.headers.allow).toBe(allow);
    expect(backend.seen).toEqual([]);
  });
  it('an answer to what is no request carries the security headers, too', async () => {
    const answer = await expectBroken('FOO / HTTP/1.1\r\nHost: gateway.test\r\n\r\n', 405);
    expect([answer.headers['x-content-type-options'], answer.headers['x-frame-options']]).toEqual(['nosniff', 'DENY']);
  });
  it('CONNECT is answered 405 with Allow, and the connection ends', async () => {
    const answer = await expectBroken('CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n', 405);
    expect(answer.headers.allow).toBe(allow);
  });
  it('CONNECT of a client that resets the connection at once harms nobody', async () => {
    for (let round = 0; round < 20; round++) {
      const client = await RawClient.open(gateway.port);
      client.write('CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n');
      client.socket.resetAndDestroy();
    }
    expect(await statusOf(get('/api/request/rpc/x'))).toBe(200);
    expect(gateway.child.exitCode).toBeNull();
  });
  it('OPTIONS is answered 204 with Allow, and calls nobody', async () => {
    const { answer, client } = await answerTo('OPTIONS /api/request/rpc/x HTTP/1.1\r\nHost: gateway.test\r\n\r\n');
    client.destroy();
    expect({ status: answer.status, allow: answer.headers.allow }).toEqual({ status: 204, allow });
    expect(backend.seen).toEqual([]);
  });
  it('OPTIONS names only the methods of a rule that names methods', async () => {
    const { answer, client } = await answerTo('OPTIONS /api/request/rpc/read HTTP/1.1\r\nHost: gateway.test\r\n\r\n');
    client.destroy();
    expect({ status: answer.status, allow: answer.headers.allow }).toEqual({
      status: 204,
      allow: 'GET, HEAD, OPTIONS',
    });
  });
  it('that a rule does not name are 405 with those that it names', async () => {
    const { answer, client } = await answerTo(
      'POST /api/request/rpc/read HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 2\r\n\r\n{}',
    );
    client.destroy();
    expectError(answer, 405);
    expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS');
  });
  it('HEAD runs as GET and is answered without a body, and the connection goes on', async () => {
    const client = await RawClient.open(gateway.port);
    client.write('HEAD /api/request/rpc/head?a=1 HTTP/1.1\r\nHost: gateway.test\r\n\r\n');
    const head = await client.answer(10_000, true);
    expect({ status: head.status, length: head.headers['content-length'] }).toEqual({ status: 200, length: '9' });
    expect(backend.lastEvent().requestMeta.method).toBe('GET');
    client.write(get('/api/request/rpc/next?b=2'));
    expect((await client.answer()).body).toBe('{"b":"2"}');
    client.destroy();
  });
  it('HEAD reaches a crud runner as GET', async () => {
    backend.handler = (_request, response) => sendJson(response, '{"list":[]}');
    const client = await RawClient.open(gateway.port);
    client.write('HEAD /api/request/crud/todo HTTP/1.1\r\nHost: gateway.test\r\n\r\n');
    const head = await client.answer(10_000, true);
    expect({ status: head.status, length: head.headers['content-length'] }).toEqual({ status: 200, length: '11' });
    expect(backend.seen.map((request) => request.method)).toEqual(['GET']);
    client.write(get('/api/request/crud/todo'));
    expect((await client.answer()).body).toBe('{"list":[]}');
    client.destroy();
  });
  it('a refused HEAD has no body either', async () => {
    const client = await RawClient.open(gateway.port);
    client.write(
      'HEAD /api/request/rpc/closed HTTP/1.1\r\nHost: gateway.test\r\n\r\n' + get('/api/request/rpc/next?b=2'),
    );
    expect((await client.answer(10_000, true)).status).toBe(403);
    expect((await client.answer()).body).toBe('{"b":"2"}');
    client.destroy();
  });
});

describe('Upgrade', () => {
  it.each([
    [
      'WebSocket',
      ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA=='],
    ],
    ['HTTP/2', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']],
  ])('to %s is ignored: the request is answered as any other', async (_what, headers) => {
    const { answer, client } = await answerTo(get('/api/request/rpc/up?a=1', ...headers));
    expect(answer).toMatchObject({ status: 200, body: '{"a":"1"}' });
    client.destroy();
  });
  // Node's parser loses what stands in one packet behind an ignored Upgrade, and would begin in the middle of the next request.
  it('ends the connection with its answer, and nothing that follows is misread', async () => {
    const upgrade = get('/api/request/rpc/up?a=1', 'Connection: Upgrade', 'Upgrade: h2c');
    const client = await RawClient.open(gateway.port);
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    client.write(`${upgrade}POST /api/request/rpc/cut HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 1000\r\n\r\n`);
    await until(() => calls.held.length === 1);
    client.write(get('/api/request/rpc/smuggled'));
    calls.release();
    expect(await client.answer()).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await client.closed();
    expect(client.received).toBe('');
    expect(backend.seen.map((request) => request.url)).toEqual(['/api/up']);
    client.destroy();
  });
  it('on a health check is ignored too', async () => {
    const { answer, client } = await answerTo(get('/health/live', 'Connection: Upgrade', 'Upgrade: h2c'));
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await client.closed();
    client.destroy();
  });
  it('on a request with a body is ignored, and the body is read', async () => {
    const { answer, client } = await answerTo(
      'POST /api/request/rpc/x HTTP/1.1\r\nHost: gateway.test\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 7\r\n\r\n{"a":1}',
    );
    client.destroy();
    expect(answer).toMatchObject({ status: 200, body: '{"a":1}' });
  });
});

describe('limits of the head', () => {
  it('headers past server.maxHeaderSize are 431', async () => {
    await expectBroken(get('/api/request/rpc/x', `X-Big: ${'x'.repeat(33_000)}`), 431);
  });
  it('many small headers past server.maxHeaderSize are 431', async () => {
    const small = Array.from({ length: 900 }, (_, index) => `X-Header-Number-${index}: some value or other`);
    await expectBroken(get('/api/request/rpc/x', ...small), 431);
  });
  it('headers past server.maxHeaderSize that come in pieces are 431', async () => {
    const client = await RawClient.open(gateway.port);
    client.write('GET /api/request/rpc/x HTTP/1.1\r\nHost: gateway.test\r\n');
    const { bytesWritten } = client.socket;
    await until(() => client.socket.bytesWritten >= bytesWritten && client.socket.writableLength === 0);
    for (let piece = 0; piece < 5; piece++) {
      await new Promise((resolve) => client.socket.write(`X-Piece-${piece}: ${'x'.repeat(8000)}`, resolve));
      await new Promise((resolve) => client.socket.write('\r\n', resolve));
    }
    expectError(await client.answer(), 431);
    await client.closed();
    client.destroy();
  });
  it('headers just below server.maxHeaderSize are served', async () => {
    expect(await statusOf(get('/api/request/rpc/x', `X-Big: ${'x'.repeat(32_000)}`))).toBe(200);
  });
  it('a target above half of server.maxHeaderSize is 414', async () => {
    await expectBroken(get(`/api/request/rpc/x?a=${'x'.repeat(16_384)}`), 414);
  });
  it('a target past server.maxHeaderSize itself is 414', async () => {
    await expectBroken(get(`/api/request/rpc/x?a=${'x'.repeat(40_000)}`), 414);
  });
  it('a target of just half of server.maxHeaderSize is served', async () => {
    const target = '/api/request/rpc/x?a=';
    expect(await statusOf(get(target + 'x'.repeat(16_384 - target.length)))).toBe(200);
  });
});

describe('slow clients', () => {
  it('headers that do not come within server.headersTimeout are 408', async () => {
    const began = Date.now();
    await expectBroken('GET /api/request/rpc/x HTTP/1.1\r\nHost: gateway', 408);
    expect(Date.now() - began).toBeLessThan(4000);
  });
  it('headers that trickle are 408: time counts, not silence', async () => {
    const client = await RawClient.open(gateway.port);
    client.write('GET /api/request/rpc/x HTTP/1.1\r\n');
    const trickle = setInterval(() => client.socket.writable && client.write('X-A: b\r\n'), 40);
    expectError(await client.answer(), 408);
    clearInterval(trickle);
    client.destroy();
  });
  it.each([
    ['by its length', 'Content-Length: 100'],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('a body that does not come within server.requestTimeout is 408 (%s)', async (_how, framing) => {
    const head = `POST /api/request/rpc/x HTTP/1.1\r\nHost: gateway.test\r\n${framing}\r\n\r\n`;
    const began = Date.now();
    await expectBroken(head + (framing.startsWith('Content') ? '{' : '1\r\n{\r\n'), 408);
    expect(Date.now() - began).toBeLessThan(8000);
  });
  it('a body that trickles is 408: for a body that is kept time counts, not silence', async () => {
    const client = await RawClient.open(gateway.port);
    client.write('POST /api/request/rpc/x HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 10000\r\n\r\n');
    const trickle = setInterval(() => client.socket.writable && client.write(' '), 40);
    expectError(await client.answer(), 408);
    clearInterval(trickle);
    client.destroy();
  });
  it('a streamed body that falls silent is 408', async () => {
    const client = await RawClient.open(gateway.port);
    client.write('POST /api/request/crud/x HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 1000000\r\n\r\nabc');
    const answer = await client.answer();
    expectError(answer, 408);
    await client.closed();
    client.destroy();
  });
  it.each([
    ['a streamed body', 4000],
    ['a small body of crud', 100],
  ])('%s that keeps flowing may take longer than server.requestTimeout', async (_what, size) => {
    const client = await RawClient.open(gateway.port);
    const pieces = 30;
    client.write(`PUT /api/request/crud/x HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: ${pieces * size}\r\n\r\n`);
    const began = Date.now();
    let sent = 0;
    const flow = setInterval(() => {
      if (sent++ < pieces) client.write('x'.repeat(size));
      else clearInterval(flow);
    }, 40);
    expect((await client.answer()).status).toBe(200);
    expect(Date.now() - began).toBeGreaterThan(800);
    expect(backend.seen[0]!.body.length).toBe(pieces * size);
    client.destroy();
  });
});

describe('requests on one connection', () => {
  it('three good ones sent at once are answered in order', async () => {
    const client = await RawClient.open(gateway.port);
    let last: (() => void) | null = null;
    backend.handler = (request, response) => {
      // The first is answered by the runner after the third.
      if (request.url.endsWith('/one')) last = () => sendJson(response, '{"payload":{"n":1}}');
      else sendJson(response, `{"payload":{"n":${request.url.endsWith('/two') ? 2 : 3}}}`);
      if (backend.seen.length === 3) last?.();
    };
    client.write(get('/api/request/rpc/one') + get('/api/request/rpc/two') + get('/api/request/rpc/three'));
    const bodies = [await client.answer(), await client.answer(), await client.answer()].map((answer) => answer.body);
    expect(bodies).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
    client.destroy();
  });
  it('a refusal of the pipeline keeps the connection', async () => {
    const client = await RawClient.open(gateway.port);
    client.write(get('/api/request/nobody/x') + get('/api/request/rpc/x?a=1'));
    expect((await client.answer()).status).toBe(404);
    expect((await client.answer()).body).toBe('{"a":"1"}');
    client.destroy();
  });
  it.each([
    ['no HTTP', 'garbage\r\n\r\n', 400],
    ['with a bad Host', 'GET /api/request/rpc/bad HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['with headers that are too large', get('/api/request/rpc/bad', `X-Big: ${'x'.repeat(40_000)}`), 431],
    ['with headers that do not come', 'GET /api/request/rpc/bad HTTP/1.1\r\nHost: gat', 408],
    ['CONNECT', 'CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n', 405],
  ])('a good one before a bad one gets its own answer first (%s)', async (_what, bad, status) => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    const before = await brokenRequests();
    const client = await RawClient.open(gateway.port);
    client.write(get('/api/request/rpc/good?a=1') + bad);
    await until(() => calls.held.length === 1);
    // Once the bad one has timed out; all others were read in the same packet.
    if (status === 408) await until(async () => (await brokenRequests()) > before);
    expect(client.received).toBe('');
    calls.release();
    expect(await client.answer()).toMatchObject({ status: 200, body: '{"a":"1"}' });
    const refused = await client.answer();
    expectError(refused, status);
    expect(refused.headers.connection).toBe('close');
    await client.closed();
    client.destroy();
  });
  it.each([
    ['a bad Host', 'POST /api/request/rpc/bad HTTP/1.1\r\nHost: a b\r\nContent-Length: 2\r\n\r\n{}'],
    [
      'chunks in HTTP/1.0',
      'POST /api/request/rpc/bad HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ],
    [
      'an empty Transfer-Encoding',
      'POST /api/request/rpc/bad HTTP/1.1\r\nHost: gateway.test\r\nTransfer-Encoding:\r\nContent-Length: 2\r\n\r\n{}',
    ],
  ])('what follows a request of doubtful framing is not read as a request (%s)', async (_what, bad) => {
    const client = await RawClient.open(gateway.port);
    client.write(bad + get('/api/request/rpc/smuggled'));
    expectError(await client.answer(), 400);
    await client.closed();
    expect(client.received).toBe('');
    expect(backend.seen).toEqual([]);
    client.destroy();
  });
  it('a client that says Connection: close gets its answer, and the connection ends', async () => {
    const { answer, client } = await answerTo(get('/api/request/rpc/x?a=1', 'Connection: close'));
    expect(answer).toMatchObject({ status: 200, body: '{"a":"1"}' });
    await client.closed();
    client.destroy();
  });
  it('HTTP/1.0 without keep-alive ends with the answer, which has no chunks', async () => {
    backend.handler = (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.write('one ');
      setImmediate(() => response.end('two'));
    };
    const client = await RawClient.open(gateway.port);
    client.write('GET /api/request/crud/x HTTP/1.0\r\n\r\n');
    await client.closed();
    const [head, body] = client.received.split('\r\n\r\n');
    expect(head).not.toMatch(/transfer-encoding/i);
    expect(body).toBe('one two');
    client.destroy();
  });
});

const brokenRequests = (): Promise<number> => gateway.metric('sluice_errors_total', { error: 'REQUEST_TOO_SLOW' });

describe('Expect: 100-continue', () => {
  const head = (path: string, length: number, ...more: string[]): string =>
    [
      `POST ${path} HTTP/1.1`,
      'Host: gateway.test',
      'Expect: 100-continue',
      `Content-Length: ${length}`,
      ...more,
      '',
      '',
    ].join('\r\n');
  it.each(['rpc', 'crud'])('is honoured when the body is wanted (%s)', async (channel) => {
    const client = await RawClient.open(gateway.port);
    client.write(head(`/api/request/${channel}/x`, 7, 'Content-Type: application/json'));
    expect((await client.answer()).status).toBe(100);
    client.write('{"a":1}');
    expect((await client.answer()).status).toBe(200);
    client.write(get('/api/request/rpc/next?b=2'));
    expect((await client.answer()).body).toBe('{"b":"2"}');
    client.destroy();
  });
  it.each([
    ['an unknown channel', '/api/request/nobody/x', 10, 404],
    ['a disabled path', '/api/request/rpc/closed', 10, 403],
    ['a body that is too large', '/api/request/rpc/x', 5_000_000, 413],
  ])('is not, when the request is refused: %s', async (_what, path, length, status) => {
    const { answer, client } = await answerTo(head(path, length));
    expect(answer.status).toBe(status);
    // The client may send the body or not: the connection cannot be read any further.
    expect(answer.headers.connection).toBe('close');
    await client.closed();
    client.destroy();
  });
});
