import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { echoEvent, TestBackend } from '../support/backend.js';
import { call, post, type CallAnswer, type CallOptions, type ErrorAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { until } from '../support/until.js';

let backend: TestBackend;
let gateway: TestGateway;
/** The same channels with request.maxSize. */
let bounded: TestGateway;

beforeAll(async () => {
  backend = await TestBackend.start();
  const components = withChannels(
    aChannel('rpc', backend.url),
    aChannel('crud', backend.url, { executor: 'crud' }),
    aChannel('unbounded', backend.url, { parameters: { 'server.maxInMemorySize': -1 } }),
  );
  [gateway, bounded] = await Promise.all([
    TestGateway.start({ components, settings: { 'codecs.memory.maxSize': 100_000 } }),
    TestGateway.start({ components, settings: { 'request.maxSize': 50_000 } }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([gateway.stop(), bounded.stop()]);
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = echoEvent;
});

const send = (path: string, options: CallOptions = {}): Promise<CallAnswer> => call(gateway.port, path, options);
const rpc = (body: string, headers = {}): Promise<CallAnswer> =>
  post(gateway.port, '/api/request/rpc/x', body, headers);

/** payload.parameters exactly as the runner got them. */
function sentParameters(): string {
  const { body } = backend.seen.at(-1)!;
  const begin = '"payload":{"parameters":';
  return body.slice(body.indexOf(begin) + begin.length, -2);
}

function expectRefused(answer: CallAnswer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.json()).toEqual({
    error: { code: status, message: expect.any(String), requestId: expect.any(String) },
  });
  expect(backend.seen).toEqual([]);
}

describe('a JSON body', () => {
  it.each(['{"a":1}', '[1,2]', '"text"', '5', 'true', 'null', ' {"a" : [ 1 , { } ] } '])(
    'may be of any kind: %s',
    async (body) => {
      expect((await rpc(body)).status).toBe(200);
      expect(sentParameters()).toBe(body);
    },
  );
  it.each([
    '{',
    '{"a":1',
    '{"a":1}}',
    '{"a":1} x',
    '{a:1}',
    "{'a':1}",
    '{"a":1,}',
    '[1,]',
    '{"a" 1}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":undefined}',
    '"a\nb"',
    '"\\x41"',
    '"\\u12"',
    '"a',
    '// comment\n{}',
    '\u00a0{}',
    'a=1&b=2',
  ])('that is malformed is 400: %j', async (body) => {
    expectRefused(await rpc(body), 400);
  });
  it('that is not UTF-8 is 400', async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    const headers = { 'Content-Type': 'application/json' };
    expectRefused(await send('/api/request/rpc/x', { method: 'POST', body, headers }), 400);
    const latin1 = Buffer.from('{"a":"é"}', 'latin1');
    expectRefused(await send('/api/request/rpc/x', { method: 'POST', body: latin1, headers }), 400);
  });
  it('may begin with a byte order mark, which the runner does not get', async () => {
    expect((await rpc('\ufeff{"a":"é"}')).status).toBe(200);
    expect(sentParameters()).toBe('{"a":"é"}');
  });
});

describe('the type of a body', () => {
  const typed = (channel: string, type: string | null, body = '{"a":1}'): Promise<CallAnswer> =>
    send(`/api/request/${channel}/x`, { method: 'POST', body, headers: type === null ? {} : { 'Content-Type': type } });

  it.each([
    null,
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/vnd.api+json',
    'application/merge-patch+json;x=y',
  ])('may be %s', async (type) => {
    expect((await typed('rpc', type)).status).toBe(200);
    expect(sentParameters()).toBe('{"a":1}');
  });
  it.each([
    'text/plain',
    'text/html',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/jsonp',
    'application/x-json+xml',
    'json',
  ])('that is %s is 415', async (type) => {
    expectRefused(await typed('rpc', type), 415);
  });
  it.each(['text/plain', 'application/xml', 'application/octet-stream', 'image/png'])(
    'that is %s passes to a crud runner, as the body came',
    async (type) => {
      expect((await typed('crud', type, '<not json')).status).toBe(200);
      expect(backend.seen.at(-1)).toMatchObject({ body: '<not json', headers: { 'content-type': type } });
    },
  );
  it.each(['', ' ', '\r\n\t '])('does not matter where there is nothing but %j: that is {}', async (body) => {
    expect((await typed('rpc', 'text/plain', body)).status).toBe(200);
    expect(sentParameters()).toBe('{}');
  });
  it('does not matter where no body is sent at all', async () => {
    const headers = { 'Content-Type': 'image/png', 'Content-Length': 0 };
    expect((await send('/api/request/rpc/x', { method: 'POST', headers })).status).toBe(200);
    expect(sentParameters()).toBe('{}');
  });
  it('does not matter where the body is empty in chunks', async () => {
    const headers = { 'Content-Type': 'image/png', 'Transfer-Encoding': 'chunked' };
    expect((await send('/api/request/rpc/x', { method: 'POST', headers })).status).toBe(200);
    expect(sentParameters()).toBe('{}');
  });
  it('a crud runner gets no body where none was sent', async () => {
    expect((await send('/api/request/crud/x', { method: 'POST', headers: { 'Content-Length': 0 } })).status).toBe(200);
    expect(backend.seen.at(-1)).toMatchObject({ body: '' });
    expect(backend.seen.at(-1)!.headers).not.toHaveProperty('transfer-encoding');
  });
});

describe('a body of GET, HEAD or DELETE', () => {
  it.each(['GET', 'HEAD', 'DELETE'])('%s is read and ignored (rpc)', async (method) => {
    const answer = await send('/api/request/rpc/x?a=1', {
      method,
      body: '<garbage',
      headers: { 'Content-Type': 'x/y' },
    });
    expect(answer.status).toBe(200);
    expect(sentParameters()).toBe('{"a":"1"}');
  });
  it.each(['GET', 'HEAD', 'DELETE'])('%s is read and ignored (crud)', async (method) => {
    expect((await send('/api/request/crud/x?a=1', { method, body: '{"b":2}' })).status).toBe(200);
    expect(backend.seen.at(-1)).toMatchObject({ url: '/api/x?a=1', body: '' });
    expect(backend.seen.at(-1)!.headers['content-length'] ?? '0').toBe('0');
  });
  it.each(['rpc', 'crud'])('is no request of its own: the connection goes on behind it (%s)', async (channel) => {
    const client = await RawClient.open(gateway.port);
    const body = 'GET /api/request/rpc/smuggled HTTP/1.1\r\nHost: g\r\n\r\n';
    const head = `GET /api/request/${channel}/x HTTP/1.1\r\nHost: g\r\nContent-Length: ${body.length}\r\n\r\n`;
    client.write(`${head}${body}GET /api/request/rpc/next HTTP/1.1\r\nHost: g\r\n\r\n`);
    expect((await client.answer()).status).toBe(200);
    expect((await client.answer()).status).toBe(200);
    expect(backend.seen.map((request) => request.url)).toEqual(['/api/x', '/api/next']);
    client.destroy();
  });
  it('may be in chunks', async () => {
    const client = await RawClient.open(gateway.port);
    client.write('DELETE /api/request/rpc/x?a=1 HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n');
    client.write('7\r\n{"b":2}\r\n0\r\n\r\n');
    expect((await client.answer()).body).toBe('{"a":"1"}');
    client.destroy();
  });
  it('may be larger than any limit', async () => {
    const body = 'x'.repeat(300_000);
    expect((await send('/api/request/rpc/x?a=1', { body })).status).toBe(200);
    expect((await call(bounded.port, '/api/request/crud/x', { body })).status).toBe(200);
  });
});

describe('the query', () => {
  it.each([
    ['', '{}'],
    ['?', '{}'],
    ['?a=1&b=two', '{"a":"1","b":"two"}'],
    ['?a=1&a=2&b=3&a=4', '{"a":["1","2","4"],"b":"3"}'],
    ['?a', '{"a":""}'],
    ['?a=&=b', '{"a":"","":"b"}'],
    ['?a=b=c', '{"a":"b=c"}'],
    ['?&&a=1&', '{"a":"1"}'],
    ['?a=b+c%20d%2Be', '{"a":"b c d+e"}'],
    ['?a=%C3%A9&%C3%A9=1', '{"a":"é","é":"1"}'],
    ['?a=%zz&b=%4&c=%', '{"a":"%zz","b":"%4","c":"%"}'],
    ['?a=%ff', '{"a":"%ff"}'],
    ['?a=50%&b=%41', '{"a":"50%","b":"A"}'],
    ['?a[]=1&a[b]=2', '{"a[]":"1","a[b]":"2"}'],
    ['?a="\\', '{"a":"\\"\\\\"}'],
    ['?a=%00', '{"a":"\\u0000"}'],
    ['?__proto__=1&constructor=2', '{"__proto__":"1","constructor":"2"}'],
    ['?__proto__=1&__proto__=2', '{"__proto__":["1","2"]}'],
  ])('is payload.parameters of GET: %s', async (query, parameters) => {
    expect((await send(`/api/request/rpc/x${query}`)).status).toBe(200);
    expect(sentParameters()).toBe(parameters);
  });
  it.each(['POST', 'PUT', 'PATCH'])('of %s is not passed on to rpc', async (method) => {
    expect((await send('/api/request/rpc/x?a=1', { method, body: '{"b":2}' })).status).toBe(200);
    expect(sentParameters()).toBe('{"b":2}');
    expect(backend.seen.at(-1)!.url).toBe('/api/x');
  });
});

describe('nesting', () => {
  const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
  const objects = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;

  it.each([
    ['arrays', nested('[', ']', 256)],
    ['objects', objects(256)],
    ['both', `${nested('[{"a":', '}]', 127).replace('}', '[[]]}')}`],
  ])('of 256 is fine, there and back (%s)', async (_what, body) => {
    const answer = await rpc(body);
    expect(sentParameters()).toBe(body);
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: body });
  });
  it.each([
    ['arrays', nested('[', ']', 257)],
    ['objects', objects(257)],
    ['far more', nested('[', ']', 40_000)],
    ['far more, never closed', '['.repeat(90_000)],
    ['objects never closed', '{"a":'.repeat(15_000)],
  ])('above 256 is 400 (%s)', async (_what, body) => {
    expectRefused(await rpc(body), 400);
  });
  it('of a crud body is the runner’s affair', async () => {
    const body = nested('[', ']', 5000);
    expect((await post(gateway.port, '/api/request/crud/x', body)).status).toBe(200);
    expect(backend.seen.at(-1)!.body).toBe(body);
  });
});

describe('two equal names in one object', () => {
  it.each([
    ['the last wins', '{"a":1,"b":2,"a":3}', { a: 3, b: 2 }],
    ['at any depth', '[{"x":{"a":1,"a":2}}]', [{ x: { a: 2 } }]],
    ['however they are written', '{"a":1,"\\u0061":2}', { a: 2 }],
    ['whatever their values are', '{"a":{"b":1},"a":[2]}', { a: [2] }],
    [
      'among many',
      `{${Array.from({ length: 40 }, (_, n) => `"n${n}":${n}`).join()},"n3":"x"}`,
      expect.objectContaining({ n3: 'x' }),
    ],
  ])('%s, and the runner sees one', async (_what, body, expected) => {
    expect((await rpc(body)).status).toBe(200);
    expect(JSON.parse(sentParameters())).toEqual(expected);
    expect(sentParameters().match(/"(?:a|\\u0061|n3)":/g)).toHaveLength(1);
  });
  it('do not cost other numbers their spelling', async () => {
    expect((await rpc('{"a":1,"n":9007199254740993,"d":[1.10,1e400],"a":-0.0}')).status).toBe(200);
    expect(JSON.parse(sentParameters())).toMatchObject({ n: expect.any(Number) });
    for (const number of ['9007199254740993', '1.10', '1e400', '-0.0']) expect(sentParameters()).toContain(number);
  });
  it('may stand in different objects', async () => {
    const body = '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}';
    expect((await rpc(body)).status).toBe(200);
    expect(sentParameters()).toBe(body);
  });
});

describe('__proto__', () => {
  it.each(['{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"x":1}}}', '{"a":{"__proto__":null}}'])(
    'is data like any other: %s',
    async (body) => {
      const answer = await rpc(body);
      expect({ sent: sentParameters(), answered: answer.text }).toEqual({ sent: body, answered: body });
    },
  );
  it('is data also where a body is written anew', async () => {
    expect((await rpc('{"__proto__":1,"a":1,"a":2,"__proto__":{"b":3}}')).status).toBe(200);
    expect(sentParameters()).toMatch(/"__proto__":\{"b":3\}/);
    expect(sentParameters().match(/__proto__/g)).toHaveLength(1);
  });
  it('of one request is nothing to the next', async () => {
    await rpc('{"__proto__":{"polluted":1}}');
    await send(
      `/api/request/full/rpc/x?data=${encodeURIComponent('{"origin":{"__proto__":{"polluted":1}},"payload":{}}')}`,
    );
    expect((await rpc('{}')).text).toBe('{}');
    expect(backend.seen.at(-1)!.body).not.toContain('polluted');
  });
});

describe('numbers', () => {
  const numbers = '{"n":9007199254740993,"d":1.10,"e":1e400,"z":-0.0,"x":1E+2,"big":123456789012345678901234567890}';
  it('pass exactly as they were written, both ways', async () => {
    const answer = await rpc(numbers);
    expect(sentParameters()).toBe(numbers);
    expect(answer.text).toBe(numbers);
  });
  it('of an answer’s payload pass exactly', async () => {
    backend.handler = (_request, response) => response.end(`{"payload":{"parameters":{},"made":${numbers}}}`);
    expect((await rpc('{}')).text).toBe(`{"made":${numbers}}`);
  });
  it('pass exactly through a full call', async () => {
    await post(gateway.port, '/api/request/full/rpc/x', `{"payload":${numbers}}`);
    expect(sentParameters()).toBe(numbers);
  });
});

describe('a body above codecs.memory.maxSize', () => {
  it('of just that size is served', async () => {
    const body = JSON.stringify('x'.repeat(99_998));
    expect((await post(gateway.port, '/api/request/unbounded/x', body)).text).toBe(body);
  });
  it('is 413', async () => {
    expectRefused(await rpc(JSON.stringify('x'.repeat(99_999))), 413);
  });
  it.each([
    ['by its length', 'Content-Length: 5242880'],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('is 413, readable while the client still sends 5 MB (%s)', async (_how, framing) => {
    const client = await RawClient.open(gateway.port);
    client.write(`POST /api/request/rpc/x HTTP/1.1\r\nHost: g\r\n${framing}\r\n\r\n`);
    const piece = 'x'.repeat(65_536);
    const chunk = framing.startsWith('Content') ? piece : `10000\r\n${piece}\r\n`;
    // The whole in one go: the client reads nothing before it has handed all of it to its socket.
    for (let sent = 0; sent < 80; sent++) client.write(chunk);
    const answer = await client.answer();
    expect({ status: answer.status, connection: answer.headers.connection }).toEqual({
      status: 413,
      connection: 'close',
    });
    expect((JSON.parse(answer.body) as ErrorAnswer).error.code).toBe(413);
    await client.closed();
    expect(backend.seen).toEqual([]);
    client.destroy();
  });
  it('does not matter to a crud runner: its body streams', async () => {
    const body = 'x'.repeat(1_000_000);
    expect((await send('/api/request/crud/x', { method: 'PUT', body })).status).toBe(200);
    expect(backend.seen.at(-1)!.body.length).toBe(1_000_000);
  });
  it('is 413 for a full call on a crud channel: that one is kept', async () => {
    const answer = await post(
      gateway.port,
      '/api/request/full/crud/x',
      JSON.stringify({ payload: 'x'.repeat(100_000) }),
    );
    expectRefused(answer, 413);
  });
});

describe('a body above request.maxSize', () => {
  it('is 413 for rpc', async () => {
    expectRefused(await post(bounded.port, '/api/request/rpc/x', JSON.stringify('x'.repeat(50_000))), 413);
  });
  it('is 413 for crud by its length, and the runner is not called', async () => {
    expectRefused(await post(bounded.port, '/api/request/crud/x', 'x'.repeat(50_001)), 413);
  });
  it('of just that size is served', async () => {
    expect((await post(bounded.port, '/api/request/crud/x', 'x'.repeat(50_000))).status).toBe(200);
    expect((await post(bounded.port, '/api/request/rpc/x', JSON.stringify('x'.repeat(49_998)))).status).toBe(200);
  });
  it('is 413 for crud in chunks, and the runner’s call is aborted', async () => {
    const { aborted } = backend;
    const client = await RawClient.open(bounded.port);
    client.write('POST /api/request/crud/x HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let sent = 0; sent < 10; sent++) client.write(`2710\r\n${'x'.repeat(10_000)}\r\n`);
    const answer = await client.answer();
    expect({ status: answer.status, connection: answer.headers.connection }).toEqual({
      status: 413,
      connection: 'close',
    });
    await until(() => backend.aborted > aborted);
    // No request that the runner could take for a whole one.
    expect(backend.seen).toEqual([]);
    client.destroy();
  });
});

describe('a full call', () => {
  const full = (data: string, form = 'full', channel = 'rpc'): Promise<CallAnswer> =>
    send(`/api/request/${form}/${channel}/x?data=${encodeURIComponent(data)}`);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const whole =
    '{"origin":{"lat":1.50,"parameters":{"k":"v"}},"auth":{"username":"a","password":"hidden"},"payload":{"n":1.10}}';

  async function expectWhole(answer: CallAnswer): Promise<void> {
    expect(answer.status).toBe(200);
    expect(sentParameters()).toBe('{"n":1.10}');
    expect(backend.lastEvent().requestMeta.origin).toMatchObject({ lat: 1.5, parameters: { k: 'v' } });
    expect(backend.seen.at(-1)!.body).not.toContain('hidden');
    expect(backend.lastEvent().requestMeta).not.toHaveProperty('auth');
  }

  it('GET takes {origin, auth, payload} from data; auth never leaves', async () => expectWhole(await full(whole)));
  it('POST takes it from the body', async () =>
    expectWhole(await post(gateway.port, '/api/request/full/rpc/x', whole)));
  it('in base64, GET takes it from data', async () => expectWhole(await full(base64(whole), 'full/e')));
  it('in base64, data may hold a plus that nobody escaped', async () => {
    const text = base64('{"payload":{"a":">>>>"}}');
    expect(text).toContain('+');
    expect((await send(`/api/request/full/e/rpc/x?data=${text}`)).status).toBe(200);
    expect(sentParameters()).toBe('{"a":">>>>"}');
  });
  it.each([
    ['a JSON string', JSON.stringify(base64(whole)), { 'Content-Type': 'application/json' }],
    ['text', base64(whole), { 'Content-Type': 'text/plain' }],
    ['text of no type', base64(whole), {}],
    ['text with a line break at its end', `${base64(whole)}\n`, { 'Content-Type': 'text/plain; charset=utf-8' }],
  ])('in base64, POST takes it from the body as %s', async (_what, body, headers) =>
    expectWhole(await send('/api/request/full/e/rpc/x', { method: 'POST', body, headers })),
  );
  it.each(['full', 'full/e'])('with no data at all is an empty one (%s)', async (form) => {
    expect((await send(`/api/request/${form}/rpc/x`)).status).toBe(200);
    expect(sentParameters()).toBe('{}');
    expect((await send(`/api/request/${form}/rpc/x`, { method: 'POST', body: '' })).status).toBe(200);
    expect(sentParameters()).toBe('{}');
  });
  it('without a payload has none', async () => {
    expect((await full('{"origin":{"lat":1}}')).status).toBe(200);
    expect(sentParameters()).toBe('{}');
  });
  it('the last of two equal members wins', async () => {
    expect((await full('{"payload":{"a":1},"payload":{"b":2}}')).status).toBe(200);
    expect(sentParameters()).toBe('{"b":2}');
  });
  it('a payload may be of any kind', async () => {
    expect((await full('{"payload":[1,2]}')).status).toBe(200);
    expect(sentParameters()).toBe('[1,2]');
  });
  it.each(['[1]', '"x"', '1', 'null', 'true', '{', 'payload', '{"payload":}'])(
    'of something else than a JSON object is 400: %s',
    async (data) => {
      expectRefused(await full(data), 400);
      expectRefused(await full(base64(data), 'full/e'), 400);
      expectRefused(await post(gateway.port, '/api/request/full/rpc/x', data), 400);
      expectRefused(await post(gateway.port, '/api/request/full/e/rpc/x', JSON.stringify(base64(data))), 400);
    },
  );
  it.each(['!!!!', 'e30=x', 'e', 'e3=0', 'é', '{"payload":{}}'])('of bad base64 is 400: %s', async (data) => {
    expectRefused(await full(data, 'full/e'), 400);
    const headers = { 'Content-Type': 'text/plain' };
    expectRefused(await send('/api/request/full/e/rpc/x', { method: 'POST', body: data, headers }), 400);
  });
  it('in base64 of what is no UTF-8 is 400', async () => {
    expectRefused(await full(Buffer.from([0x7b, 0xff, 0x7d]).toString('base64'), 'full/e'), 400);
  });
  it('of another type is 415; text only where it is base64', async () => {
    const headers = { 'Content-Type': 'text/plain' };
    expectRefused(await send('/api/request/full/rpc/x', { method: 'POST', body: whole, headers }), 415);
    const xml = { 'Content-Type': 'application/xml' };
    expectRefused(await send('/api/request/full/e/rpc/x', { method: 'POST', body: base64(whole), headers: xml }), 415);
  });
  it.each(['PUT', 'PATCH', 'DELETE'])('by %s is 405 with Allow', async (method) => {
    const answer = await send('/api/request/full/rpc/x', { method });
    expectRefused(answer, 405);
    expect(answer.headers.allow).toBe('GET, HEAD, POST, OPTIONS');
  });
  it('on a crud channel POST sends the payload as the body, exactly', async () => {
    const body = '{"origin":{"lat":2},"auth":{"password":"hidden"},"payload":{"n":1.10}}';
    expect((await post(gateway.port, '/api/request/full/crud/todo?x=1', body)).status).toBe(200);
    expect(backend.seen.at(-1)).toMatchObject({ method: 'POST', url: '/api/todo', body: '{"n":1.10}' });
    const { headers } = backend.seen.at(-1)!;
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '10' });
    const meta = Buffer.from(headers.request_metadata as string, 'base64').toString();
    expect(JSON.parse(meta)).toMatchObject({ origin: { lat: 2 } });
    expect(meta).not.toContain('hidden');
  });
  it('on a crud channel GET sends the payload as the query', async () => {
    expect((await full('{"payload":{"skip":1,"ids":["a","b"],"data.status.EQ":"A&B"}}', 'full', 'crud')).status).toBe(
      200,
    );
    expect(backend.seen.at(-1)).toMatchObject({
      method: 'GET',
      url: '/api/x?skip=1&ids=a&ids=b&data.status.EQ=A%26B',
      body: '',
    });
  });
});
