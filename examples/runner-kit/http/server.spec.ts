import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRunner, memoryStore, reply, RunnerError, type Listening, type Runner } from '../index.js';

const MAX_BODY_BYTES = 10_000;
let runner: Runner;
let listening: Listening;
let seen: unknown[];
beforeEach(async () => {
  seen = [];
  runner = createRunner({ maxBodyBytes: MAX_BODY_BYTES, now: () => 1, onError: (error) => seen.push(error) })
    .rpc('/Echo', () => undefined)
    .rpc('/Fail', () => {
      throw new RunnerError(403, 'no', { http: 418 });
    })
    .rpc('/Reset', () => reply.reset())
    .rpc('/Raw', () => reply.raw({ status: 202, headers: { 'content-type': 'text/html' }, body: '<p>' }))
    .state('todo', memoryStore(), { guard: ({ requestMeta }) => void seen.push(requestMeta.branch) });
  listening = await runner.listen();
});
afterEach(() => runner.close());

const url = (path: string) => `http://127.0.0.1:${listening.port}${path}`;
async function send(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const response = await fetch(url(path), { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

describe('a runner over HTTP', () => {
  it('answers events below its rpc target', async () => {
    const sent = '{"requestMeta":{"id":"1"},"payload":{"parameters":{"price":1.10,"id":9007199254740993}}}';
    const { status, headers, body } = await send('POST', '/api/rpc/Echo', sent);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(body).toContain('{"price":1.10,"id":9007199254740993}');
  });

  it('serves states below its crud target, numbers as they were written', async () => {
    const sent = '{"id":"a","data":{"price":1.10,"id":9007199254740993}}';
    expect(await send('POST', '/api/crud/todo', sent)).toMatchObject({ status: 201, body: sent });
    expect(await send('GET', '/api/crud/todo/a')).toMatchObject({ status: 200, body: sent });
    expect(await send('GET', '/api/crud/todo?data.price.LT=2&orderBy=id+asc')).toMatchObject({
      body: `{"list":[${sent}]}`,
    });
    expect(await send('PATCH', '/api/crud/todo/a', '{"id":null,"x":1}')).toMatchObject({ status: 200 });
    expect((await send('HEAD', '/api/crud/todo/a')).status).toBe(200);
    expect((await send('DELETE', '/api/crud/todo/a')).status).toBe(200);
  });

  it('answers the same as in this process', async () => {
    const signal = new AbortController().signal;
    for (const path of ['/Echo', '/Fail', '/Nothing']) {
      const event = '{"requestMeta":{"method":"POST"},"payload":{"parameters":{"n":1.0}}}';
      const { status, body } = await send('POST', `/api/rpc${path}`, event);
      expect(await runner.handle({ method: 'POST', target: '/', path, event }, signal)).toEqual({ status, body });
    }
    for (const [method, path, parameters] of [
      ['GET', '/todo/missing', undefined],
      ['PUT', '/todo/same', { n: 1 }],
      ['PUT', '/todo/same', { n: 1 }],
      ['PUT', '/todo/same', { n: 1 }],
      ['PATCH', '/todo/same', { m: [] }],
      ['GET', '/todo/same', undefined],
      ['GET', '/todo', undefined],
      ['POST', '/todo', []],
      ['DELETE', '/todo', undefined],
    ] as const) {
      if (method === 'PUT') await send('PUT', `/api/crud${path}`, '{}');
      const { status, body } = await send(method, `/api/crud${path}`, parameters && JSON.stringify(parameters));
      const event = JSON.stringify({ requestMeta: { method }, payload: { parameters } });
      expect(await runner.handle({ method, target: '/', path, event }, signal)).toEqual({ status, body });
    }
  });

  it('reads requestMeta from the header request_metadata, and takes a bad one for none', async () => {
    const good = Buffer.from('{"branch":"b1"}').toString('base64');
    for (const value of [good, 'no base64!', Buffer.from('[1]').toString('base64')]) {
      await send('GET', '/api/crud/todo', undefined, { request_metadata: value });
    }
    expect(seen).toEqual(['b1', undefined, undefined]);
  });

  it('is UP', async () => expect(await send('GET', '/health')).toMatchObject({ status: 200, body: '{"status":"UP"}' }));

  it('sends a raw reply as it is', async () => {
    const { status, headers, body } = await send('POST', '/api/rpc/Raw', '{}');
    expect([status, headers.get('content-type'), body]).toEqual([202, 'text/html', '<p>']);
  });

  it('breaks the connection off where the handler says so', async () => {
    await expect(send('POST', '/api/rpc/Reset', '{}')).rejects.toThrow();
    expect((await send('GET', '/health')).status).toBe(200);
  });

  it.each([
    ['POST', '/api/rpc/Echo', 'no JSON', 400],
    ['POST', '/api/rpc/Echo', '', 400],
    ['GET', '/api/rpc/Echo', undefined, 405],
    ['POST', '/api/crud/todo', '{"a":', 400],
    ['POST', '/api/crud/todo', '['.repeat(5000), 400],
    ['GET', '/api/crud/todo/%zz', undefined, 400],
    ['GET', '/api/crud/todo?data.x.NEAR=1', undefined, 400],
    ['GET', '/api/crud/nothing', undefined, 404],
    ['GET', '/api/crud', undefined, 404],
    ['GET', '/elsewhere', undefined, 404],
  ] as const)('answers %s %s with %.20j by %s and an error as JSON', async (method, path, body, status) => {
    const answer = await send(method, path, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).error).toEqual({ code: expect.any(Number), message: expect.any(String) });
  });

  it('refuses bytes that are no UTF-8', async () => {
    const response = await fetch(url('/api/crud/todo'), { method: 'POST', body: Buffer.from([0x22, 0xff, 0x22]) });
    expect(response.status).toBe(400);
  });

  it('answers 413 to a body past the limit, declared or not, and goes on with the connection', async () => {
    const body = `"${'x'.repeat(MAX_BODY_BYTES)}"`;
    expect(await send('POST', '/api/rpc/Echo', body)).toMatchObject({ status: 413 });
    const chunks = new Blob([body]).stream();
    const response = await fetch(url('/api/crud/todo'), {
      method: 'POST',
      body: chunks,
      duplex: 'half',
    });
    expect(response.status).toBe(413);
    expect(await send('PUT', '/api/crud/todo/a', '{}')).toMatchObject({ status: 201 });
  });

  it('answers what is not HTTP with 400', async () => {
    const socket = connect(listening.port, '127.0.0.1').setEncoding('utf8');
    socket.write('nonsense\r\n\r\n');
    const [text] = (await once(socket, 'data')) as [string];
    expect(text).toMatch(/^HTTP\/1\.1 400 [^]*"code":400/);
  });

  it('survives a client that goes in the middle of its body, and reports nothing', async () => {
    const headers = { 'content-length': 100, expect: '100-continue' };
    const request = httpRequest(url('/api/rpc/Echo'), { method: 'POST', headers });
    const closed = new Promise((resolve) => request.on('error', () => undefined).on('close', resolve));
    request.flushHeaders();
    // The runner has begun to read.
    await once(request, 'continue');
    request.write('{');
    request.destroy();
    await closed;
    expect((await send('GET', '/health')).status).toBe(200);
    expect(seen).toEqual([]);
  });
});

describe('a caller that hangs up', () => {
  it('aborts the signal of its handler', async () => {
    const began = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    runner.rpc('/Hang', ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      began.resolve();
      return aborted.promise;
    });
    const caller = new AbortController();
    const answer = fetch(url('/api/rpc/Hang'), { method: 'POST', body: '{}', signal: caller.signal });
    await began.promise;
    caller.abort();
    await expect(answer).rejects.toThrow();
    await aborted.promise;
  });
});

describe('closing', () => {
  it('cuts off calls that do not end within the grace', async () => {
    const began = Promise.withResolvers<void>();
    runner.rpc('/Hang', () => {
      began.resolve();
      return new Promise(() => undefined);
    });
    const server = await runner.listen({ graceMs: 10 });
    const answer = fetch(`http://127.0.0.1:${server.port}/api/rpc/Hang`, { method: 'POST', body: '{}' });
    const outcome = expect(answer).rejects.toThrow();
    await began.promise;
    await server.close();
    await server.close();
    await outcome;
  });

  it('lets a call under way end, on a connection that then closes', async () => {
    const began = Promise.withResolvers<void>();
    const end = Promise.withResolvers<object>();
    runner.rpc('/Late', () => {
      began.resolve();
      return end.promise;
    });
    const answer = fetch(url('/api/rpc/Late'), { method: 'POST', body: '{}' });
    await began.promise;
    const closed = listening.close();
    end.resolve({ done: true });
    const response = await answer;
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    await closed;
  });

  it('does not begin on a port that is in use', async () => {
    await expect(runner.listen({ port: listening.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
