import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendJson, TestBackend } from '../support/backend.js';
import { call, type CallAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

const crud = { executor: 'crud' };

let backend: TestBackend;
let gateway: TestGateway;
/** A runner that streams: a test says what it does. */
let streaming: Server;

beforeAll(async () => {
  backend = await TestBackend.start();
  streaming = createServer().listen(0, '127.0.0.1');
  await once(streaming, 'listening');
  const streamingUrl = `http://127.0.0.1:${(streaming.address() as AddressInfo).port}`;
  gateway = await TestGateway.start({
    components: withChannels(
      aChannel('crud', backend.url, crud),
      aChannel('told', backend.url, {
        ...crud,
        parameters: {
          token: 'static-token',
          'server.header.X-System': 'sluice',
          'server.cookie.a': '1',
          'server.cookie.b': '2',
        },
      }),
      aChannel('forwards', backend.url, { ...crud, parameters: { 'server.forwardHeaders': 'X-Wanted, x-listed' } }),
      aChannel('allows', backend.url, {
        ...crud,
        allowedRunnerHeaders: ['Set-Cookie', 'X-Runner', 'X-Named', 'X-Own', 'WWW-Authenticate'],
        responseHeaders: { 'X-Own': 'gateway' },
      }),
      aChannel('based', `${backend.url}/base`, {
        ...crud,
        target: '/api',
        aliases: [{ alias: 'todos', target: '/todo' }],
      }),
      aChannel('fixed', backend.url, { ...crud, method: 'POST' }),
      aChannel('stream', streamingUrl, crud),
      aChannel('hasty', streamingUrl, { ...crud, parameters: { 'server.timeout': 400 } }),
    ),
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
  backend.handler = (_request, response) => sendJson(response, '{}');
  streaming.removeAllListeners('request');
});

async function seenBy(channel: string, headers: OutgoingHttpHeaders): Promise<Record<string, unknown>> {
  await call(gateway.port, `/api/request/${channel}/x`, { method: 'POST', body: 'body', headers });
  return backend.seen.at(-1)!.headers;
}

describe('the call', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('has the client’s method %s, path and query', async (method) => {
    const body = method === 'GET' || method === 'DELETE' ? undefined : '{"n": 1.10 }';
    await call(gateway.port, '/api/request/crud/todo/1?a=1&a=%20&b', {
      method,
      ...(body === undefined ? {} : { body }),
    });
    expect(backend.seen).toMatchObject([{ method, url: '/api/todo/1?a=1&a=%20&b', body: body ?? '' }]);
  });
  it('has another method where the channel names one', async () => {
    await call(gateway.port, '/api/request/fixed/x', { method: 'PUT', body: '{}' });
    expect(backend.seen[0]!.method).toBe('POST');
  });
  it('has requestMeta as base64 JSON in request_metadata, without auth', async () => {
    const headers = { 'User-Agent': 'test', Authorization: 'Bearer secret', 'X-Branch': 'dev' };
    await call(gateway.port, '/api/request/crud/todo/é%20'.replace('é', '%C3%A9'), { method: 'DELETE', headers });
    const text = Buffer.from(backend.seen[0]!.headers.request_metadata as string, 'base64').toString();
    expect(JSON.parse(text)).toEqual({
      id: expect.stringMatching(/^default-\d+-\d+$/),
      channel: 'crud',
      path: '/todo/é ',
      method: 'DELETE',
      branch: 'dev',
      origin: { ip: '127.0.0.1', agent: 'test' },
      claims: {},
      startDT: expect.any(Number),
    });
  });
});

describe('request headers', () => {
  it('of the contract pass', async () => {
    const passing = {
      'content-type': 'text/csv; charset=utf-8',
      accept: 'text/csv, */*;q=0.1',
      'accept-language': 'de',
      'content-language': 'en',
      prefer: 'return=minimal',
      range: 'bytes=0-1',
      'if-match': '"1"',
      'if-none-match': '"2"',
      'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:01 GMT',
      'if-range': '"3"',
    };
    expect(await seenBy('crud', passing)).toMatchObject(passing);
  });
  it('that are credentials, cookies or anything else never pass', async () => {
    const headers = {
      Cookie: 'session=hidden',
      Authorization: 'Bearer hidden',
      'Proxy-Authorization': 'Basic hidden',
      'Rierino-Auth.password': 'hidden',
      'Rierino-Origin': 'hidden',
      'X-Anything': 'hidden',
      'X-Wanted': 'hidden',
      'X-Forwarded-For': '192.0.2.99',
      Forwarded: 'for=hidden',
      Origin: 'http://hidden',
      Referer: 'http://hidden/',
      TE: 'trailers, hidden',
      'HTTP2-Settings': 'hidden',
      'Keep-Alive': 'hidden',
      'Proxy-Connection': 'hidden',
      request_metadata: 'hidden',
      'Accept-Encoding': 'hidden',
      'X-Request-Id': 'hidden',
      traceparent: 'hidden',
    };
    const seen = await seenBy('crud', headers);
    const { request_metadata, ...others } = seen;
    expect(JSON.stringify(others)).not.toMatch(/hidden|192\.0\.2\.99/);
    expect(Buffer.from(request_metadata as string, 'base64').toString()).not.toMatch(/Bearer|session|192\.0\.2\.99/);
    expect(Object.keys(others).sort()).toEqual(['connection', 'content-length', 'host', 'traceparent']);
  });
  it('pass where server.forwardHeaders names them', async () => {
    const seen = await seenBy('forwards', { 'X-Wanted': 'yes', 'X-Listed': ['a', 'b'], 'X-Other': 'no' });
    expect(seen).toMatchObject({ 'x-wanted': 'yes', 'x-listed': 'a, b' });
    expect(seen).not.toHaveProperty('x-other');
  });
  it('that Connection names never pass', async () => {
    const headers = {
      Connection: 'keep-alive, Accept ,x-wanted, If-Match',
      'X-Wanted': '1',
      'If-Match': '"1"',
      Accept: 'a/b',
    };
    const seen = await seenBy('forwards', headers);
    for (const name of ['x-wanted', 'if-match', 'accept']) expect(seen).not.toHaveProperty(name);
  });
  it('keep Content-Length even where Connection names it', async () => {
    const client = await RawClient.open(gateway.port);
    const body = 'x'.repeat(100_000);
    for (const length of [4, body.length]) {
      client.write(
        `POST /api/request/crud/x HTTP/1.1\r\nHost: g\r\nConnection: content-length, keep-alive\r\nContent-Length: ${length}\r\n\r\n${body.slice(0, length)}`,
      );
      expect((await client.answer()).status).toBe(200);
      expect(backend.seen.at(-1)!.body.length).toBe(length);
      expect(backend.seen.at(-1)!.headers['content-length']).toBe(String(length));
      expect(backend.seen.at(-1)!.headers).not.toHaveProperty('transfer-encoding');
    }
    client.destroy();
  });
  it('of the system are sent on every call: static token, server.header.*, server.cookie.*', async () => {
    const seen = await seenBy('told', { Authorization: 'Bearer client', Cookie: 'c=3', 'X-System': 'client' });
    expect(seen).toMatchObject({ authorization: 'Bearer static-token', 'x-system': 'sluice', cookie: 'a=1; b=2' });
  });
  it('have the host of the backend, and a traceparent of ours', async () => {
    const seen = await seenBy('crud', { Host: 'gateway.test' });
    expect(seen).toMatchObject({
      host: `127.0.0.1:${backend.port}`,
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
    });
  });
});

describe('the answer', () => {
  function answering(status: number, headers: OutgoingHttpHeaders, body = '{"n": 1.10 }'): void {
    backend.handler = (_request, response) => {
      response.writeHead(status, headers);
      response.end(body);
    };
  }
  const get = (path: string, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> =>
    call(gateway.port, `/api/request/${path}`, { headers });

  it.each([200, 201, 202, 206, 301, 302, 304, 400, 401, 403, 404, 409, 412, 422, 429, 500, 502, 503, 504])(
    'passes as it is, errors included: %d',
    async (status) => {
      answering(status, { 'Content-Type': 'text/weird; charset=latin1' });
      const answer = await get('crud/x');
      expect({ status: answer.status, text: answer.text }).toEqual({
        status,
        text: status === 304 ? '' : '{"n": 1.10 }',
      });
      expect(answer.headers['content-type']).toBe('text/weird; charset=latin1');
    },
  );
  it('of bytes passes as it is', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    backend.handler = (_request, response) => response.end(bytes);
    expect((await get('crud/x')).bytes.equals(bytes)).toBe(true);
  });
  it('204 has neither body nor length', async () => {
    answering(204, {}, '');
    const answer = await get('crud/x');
    expect(answer.status).toBe(204);
    expect(answer.headers).not.toHaveProperty('content-length');
  });
  it('passes the headers of the contract', async () => {
    const passing = {
      'content-type': 'application/json',
      'content-language': 'de',
      'content-disposition': 'attachment',
      'content-encoding': 'x-none',
      'content-range': 'items 0-1/2',
      etag: 'W/"1"',
      'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'cache-control': 'private, max-age=5',
      vary: 'Accept',
      link: '<x>; rel=next',
      'accept-ranges': 'bytes',
      'retry-after': '7',
    };
    answering(200, passing);
    expect((await get('crud/x')).headers).toMatchObject(passing);
  });
  it('passes no other header', async () => {
    answering(200, {
      'Set-Cookie': 'a=1',
      'X-Runner': 'x',
      Server: 'x',
      'X-Powered-By': 'x',
      'WWW-Authenticate': 'Basic',
      'Access-Control-Allow-Origin': '*',
      'X-Frame-Options': 'ALLOWALL',
      request_metadata: 'x',
    });
    const answer = await get('crud/x');
    for (const name of [
      'set-cookie',
      'x-runner',
      'server',
      'x-powered-by',
      'www-authenticate',
      'access-control-allow-origin',
    ])
      expect(answer.headers).not.toHaveProperty(name);
    expect(answer.headers['x-frame-options']).toBe('DENY');
  });
  it('passes what allowedRunnerHeaders names, each cookie by itself', async () => {
    answering(200, {
      'Set-Cookie': ['a=1; Path=/', 'b=2'],
      'X-Runner': 'x',
      'WWW-Authenticate': 'Basic',
      'X-Other': 'y',
    });
    const answer = await get('allows/x');
    expect(answer.headers).toMatchObject({
      'set-cookie': ['a=1; Path=/', 'b=2'],
      'x-runner': 'x',
      'www-authenticate': 'Basic',
    });
    expect(answer.headers).not.toHaveProperty('x-other');
  });
  it('does not pass what the runner’s Connection names', async () => {
    answering(200, { Connection: 'keep-alive, X-Named, ETag', 'X-Named': '1', 'X-Runner': '2', ETag: '"1"' });
    const answer = await get('allows/x');
    expect(answer.headers).toMatchObject({ 'x-runner': '2' });
    for (const name of ['x-named', 'etag']) expect(answer.headers).not.toHaveProperty(name);
  });
  it('has the gateway’s own headers win', async () => {
    answering(200, { 'x-own': 'runner' });
    const answer = await get('allows/x');
    const own = answer.rawHeaders.filter((_value, index) => answer.rawHeaders[index - 1]?.toLowerCase() === 'x-own');
    expect(own).toEqual(['gateway']);
  });
  it.each([
    [
      'authority, baseUrl and target give way to the channel’s path',
      'based/todo',
      '{self}/base/api/todo/1?x=1#y',
      '/api/request/based/todo/1?x=1#y',
    ],
    ['an absolute path too', 'based/todo', '/base/api/todo/1', '/api/request/based/todo/1'],
    ['the target itself', 'based/todo', '/base/api', '/api/request/based'],
    ['with the branch that the client named', 'based@dev/todo', '/base/api/todo/1', '/api/request/based@dev/todo/1'],
    ['a relative one stays', 'based/todo', 'todo/1', 'todo/1'],
    ['a query alone stays', 'based/todo', '?skip=10', '?skip=10'],
    [
      'another host stays',
      'based/todo',
      'http://elsewhere.test/base/api/todo/1',
      'http://elsewhere.test/base/api/todo/1',
    ],
    ['another host without a scheme stays', 'based/todo', '//elsewhere.test/base/api/x', '//elsewhere.test/base/api/x'],
    ['a path that only begins like the target is not below it', 'based/todo', '/base/apis/1', '/base/apis/1'],
    ['what is no URL stays', 'based/todo', 'http://[', 'http://['],
  ])('rewrites Location: %s', async (_what, path, location, expected) => {
    answering(201, { Location: location.replace('{self}', backend.url) });
    expect((await get(path)).headers.location).toBe(expected);
  });
  it('rewrites Location so that it leads back through an alias', async () => {
    answering(201, { Location: '/base/api/todo/1' });
    const { location } = (await call(gateway.port, '/todos', { method: 'POST', body: '{}' })).headers;
    answering(200, {});
    expect((await call(gateway.port, location!)).status).toBe(200);
    expect(backend.seen.at(-1)!.url).toBe('/base/api/todo/1');
  });
  it('of hints (103) before the answer is the answer', async () => {
    backend.handler = (_request, response) => {
      response.writeEarlyHints({ link: '</x>; rel=preload' });
      sendJson(response, '{"a":1}');
    };
    expect(await get('crud/x')).toMatchObject({ status: 200, text: '{"a":1}' });
  });
  it('is never compressed by us towards the runner, nor unpacked: encoded bytes pass', async () => {
    answering(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' }, 'not really gzip');
    const answer = await get('crud/x', { 'Accept-Encoding': 'gzip' });
    expect({ text: answer.text, encoding: answer.headers['content-encoding'] }).toEqual({
      text: 'not really gzip',
      encoding: 'gzip',
    });
  });
});

describe('bodies stream', () => {
  const MB = 1_048_576;
  const size = 20 * MB;
  const piece = Buffer.alloc(65_536, 'x');

  function residentBytes(): number {
    const status = readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
  }

  /** Most memory while something goes on, above what it was before. */
  async function growthDuring(work: () => Promise<void>): Promise<number> {
    const before = residentBytes();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, residentBytes())), 20);
    try {
      await work();
    } finally {
      clearInterval(watch);
    }
    return most - before;
  }

  /** Writes until it has written all, or as long as the other side takes it. */
  function flood(target: NodeJS.WritableStream & { destroyed: boolean }, bytes: number): { written: number } {
    const state = { written: 0 };
    const next = (): void => {
      while (state.written < bytes && !target.destroyed) {
        state.written += piece.length;
        if (!target.write(piece)) {
          target.once('drain', next);
          return;
        }
      }
      if (!target.destroyed) target.end();
    };
    next();
    return state;
  }

  /** Waits until a figure has stood still for half a second. */
  async function settled(figure: () => number): Promise<number> {
    let last = -1;
    let since = 0;
    await until(() => {
      if (figure() !== last) [last, since] = [figure(), Date.now()];
      return Date.now() - since > 500;
    }, 60_000);
    return last;
  }

  it('20 MB down, with a client that pauses: the runner is held back, memory stays', async () => {
    let sent = { written: 0 };
    streaming.on('request', (_request, response) => {
      response.writeHead(200, { 'Content-Length': size });
      sent = flood(response, size);
    });
    const growth = await growthDuring(async () => {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request({ port: gateway.port, host: '127.0.0.1', path: '/api/request/stream/x' }, resolve)
          .on('error', reject)
          .end();
      });
      // Nobody reads: what is under way is in the buffers of three sockets and ours.
      expect(await settled(() => sent.written)).toBeLessThan(size);
      let got = 0;
      for await (const chunk of answer) got += (chunk as Buffer).length;
      expect(got).toBe(size);
    });
    expect(growth).toBeLessThan(60 * MB);
  }, 90_000);

  it('20 MB up, with a runner that pauses: the client is held back, memory stays', async () => {
    let arrived: IncomingMessage | null = null;
    streaming.on('request', (incoming, response) => {
      arrived = incoming;
      incoming.pause();
      incoming.on('end', () => response.end('{}'));
    });
    const growth = await growthDuring(async () => {
      const sending = request({
        port: gateway.port,
        host: '127.0.0.1',
        path: '/api/request/stream/x',
        method: 'PUT',
        headers: { 'Content-Length': size },
      });
      const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
      const sent = flood(sending, size);
      await until(() => arrived !== null);
      expect(await settled(() => sent.written)).toBeLessThan(size);
      let got = 0;
      arrived!.on('data', (chunk: Buffer) => (got += chunk.length)).resume();
      const [answer] = await answered;
      expect(answer.statusCode).toBe(200);
      answer.resume();
      expect(got).toBe(size);
    });
    expect(growth).toBeLessThan(60 * MB);
  }, 90_000);

  it('up for longer than server.timeout, as long as they flow', async () => {
    streaming.on('request', (incoming, response) => incoming.resume().on('end', () => response.end('{}')));
    const client = await RawClient.open(gateway.port);
    client.write('PUT /api/request/hasty/x HTTP/1.1\r\nHost: g\r\nContent-Length: 100000\r\n\r\n');
    const began = Date.now();
    let pieces = 0;
    // Silent for less than server.requestTimeout, but for longer than server.timeout.
    const flow = setInterval(() => (pieces++ < 4 ? client.write('x'.repeat(25_000)) : clearInterval(flow)), 600);
    expect((await client.answer()).status).toBe(200);
    expect(Date.now() - began).toBeGreaterThan(2000);
    client.destroy();
  });
  it('down for longer than server.timeout, as long as they flow', async () => {
    streaming.on('request', (_incoming, response) => {
      let pieces = 0;
      const flow = setInterval(() => {
        if (pieces++ < 10) response.write('x');
        else response.end(() => clearInterval(flow));
      }, 100);
    });
    expect(await call(gateway.port, '/api/request/hasty/x')).toMatchObject({ status: 200, text: 'xxxxxxxxxx' });
  });
  it('up to a runner that does not take them end with 504', async () => {
    streaming.on('request', (incoming) => incoming.pause());
    const answer = await call(gateway.port, '/api/request/hasty/x', { method: 'PUT', body: Buffer.alloc(16 * MB) });
    expect(answer.status).toBe(504);
  });
  it('that were taken, to a runner that then is silent, end with 504', async () => {
    streaming.on('request', (incoming) => incoming.resume());
    const answer = await call(gateway.port, '/api/request/hasty/x', { method: 'PUT', body: Buffer.alloc(100_000) });
    expect(answer.status).toBe(504);
  });
  it('in chunks pass both ways without a length', async () => {
    let framing: OutgoingHttpHeaders = {};
    streaming.on('request', (incoming, response) => {
      framing = incoming.headers;
      incoming.pipe(response);
    });
    const sending = request({ port: gateway.port, host: '127.0.0.1', path: '/api/request/stream/x', method: 'POST' });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.write('one ');
    const [answer] = await answered;
    // The answer’s head is here before the request’s body has ended: nothing waits for the whole.
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    let text = '';
    answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until(() => text === 'one ');
    sending.end('two');
    await until(() => answer.complete);
    expect(text).toBe('one two');
    expect(framing).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(framing).not.toHaveProperty('content-length');
  });
});
