import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { echoEvent, sendJson, TestBackend } from '../support/backend.js';
import { call, post, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';

const open = { isPublic: true };

let backend: TestBackend;
let gateway: TestGateway;

beforeAll(async () => {
  backend = await TestBackend.start();
  gateway = await TestGateway.start({
    components: withChannels(
      aChannel('rpc', backend.url, {
        paths: { '*': open, shown: { isPublic: true, returnErrorPayload: true } },
      }),
      aChannel('headed', backend.url, {
        allowedRunnerHeaders: [
          'X-Runner',
          'Set-Cookie',
          'X-Channel',
          'X-Path',
          'Transfer-Encoding',
          'Connection',
          'X-Request-Id',
          'Date',
        ],
        responseHeaders: { 'X-Channel': 'channel', 'X-Path': 'channel', 'X-Method': 'channel' },
        paths: {
          '*': open,
          special: {
            isPublic: true,
            responseHeaders: { 'x-path': 'path', 'X-Method': 'path' },
            methods: { POST: { isPublic: true, responseHeaders: { 'X-METHOD': 'method' } }, '*': { isPublic: true } },
          },
          typed: { isPublic: true, responseHeaders: { 'Content-Type': 'application/vnd.own+json' } },
          cached: { isPublic: true, responseHeaders: { 'Cache-Control': 'no-store', 'X-Frame-Options': 'SAMEORIGIN' } },
        },
      }),
      aChannel('plain', backend.url),
      aChannel('get', backend.url, { method: 'PUT' }),
      aChannel('told', backend.url, {
        parameters: {
          token: 'static-token',
          'server.header.X-System': 'sluice',
          'server.cookie.a': '1',
          'server.cookie.b': '2',
        },
      }),
    ),
    settings: { 'gateway.requestIdHeaderOn': 'always' },
  });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = echoEvent;
});

/** What a client gets when the runner answers this. */
async function answerOf(answer: string | object, path = 'rpc/x', status = 200): Promise<CallAnswer> {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  backend.handler = (_request, response) => sendJson(response, text, status);
  return post(gateway.port, `/api/request/${path}`, '{"sent":1}');
}

describe('the call', () => {
  it('is a POST of the event to baseUrl, target and path', async () => {
    await call(gateway.port, '/api/request/rpc/Hello/World?a=1', { headers: { 'User-Agent': 'test' } });
    expect(backend.seen[0]).toMatchObject({
      method: 'POST',
      url: '/api/Hello/World',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
    });
    expect(backend.lastEvent()).toEqual({
      requestMeta: {
        id: expect.stringMatching(/^default-\d+-\d+$/),
        channel: 'rpc',
        path: '/Hello/World',
        method: 'GET',
        branch: 'main',
        origin: { ip: '127.0.0.1', agent: 'test' },
        claims: {},
        startDT: expect.any(Number),
      },
      sagaMeta: [],
      eventMeta: { parameters: {}, requestTime: expect.any(Number) },
      payload: { parameters: { a: '1' } },
    });
    expect(Math.abs(Number(backend.lastEvent().requestMeta.startDT) - Date.now())).toBeLessThan(20_000);
  });
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    'tells the client’s method %s in the event alone',
    async (method) => {
      await call(gateway.port, '/api/request/rpc/x', { method });
      expect(backend.seen[0]!.method).toBe('POST');
      expect(backend.lastEvent().requestMeta.method).toBe(method);
    },
  );
  it('takes another method where the channel names one', async () => {
    await call(gateway.port, '/api/request/get/x');
    expect(backend.seen[0]!.method).toBe('PUT');
  });
  it('carries the static token and the headers and cookies of the system, and none of the client', async () => {
    await call(gateway.port, '/api/request/told/x', {
      headers: { Cookie: 'session=client', Authorization: 'Bearer client', 'X-System': 'client', 'X-Other': 'client' },
    });
    const { headers } = backend.seen[0]!;
    expect(headers).toMatchObject({ authorization: 'Bearer static-token', 'x-system': 'sluice', cookie: 'a=1; b=2' });
    expect(JSON.stringify(headers)).not.toContain('client');
    expect(backend.seen[0]!.body).not.toContain('client');
  });
});

describe('the answer to the client', () => {
  it.each([
    ['is the payload without parameters', '{"payload":{"parameters":{"sent":1},"b":2,"a":[1]}}', '{"b":2,"a":[1]}'],
    ['is the content of parameters where nothing else is left', '{"payload":{"parameters":{"p":1}}}', '{"p":1}'],
    ['is the content of parameters of any kind', '{"payload":{"parameters":[1,"x"]}}', '[1,"x"]'],
    ['is empty where the payload is', '{"payload":{}}', '{}'],
    ['is empty for an event that has requestMeta and no payload', '{"requestMeta":{"id":"x"}}', '{}'],
    [
      'takes nothing of the rest of the event',
      '{"requestMeta":{"id":"x"},"eventMeta":{},"payload":{"a":1}}',
      '{"a":1}',
    ],
    ['is JSON that is no event as it is', '{"list":[1,2],"total":2}', '{"list":[1,2],"total":2}'],
    ['is an array as it is', '[1,2]', '[1,2]'],
    ['is a text as it is', '"text"', '"text"'],
    ['is null as it is', 'null', 'null'],
    ['is no event where payload is no object', '{"payload":"x","parameters":1}', '{"payload":"x","parameters":1}'],
    [
      'has an error inside the payload as data',
      '{"payload":{"error":{"code":-32601,"message":"no"}}}',
      '{"error":{"code":-32601,"message":"no"}}',
    ],
    ['has an error beside no event as data', '{"error":{"code":404}}', '{"error":{"code":404}}'],
    [
      'has a result inside the payload as data',
      '{"payload":{"result":{"status":"ERROR"}}}',
      '{"result":{"status":"ERROR"}}',
    ],
    ['is good where the result says so', '{"payload":{"a":1},"result":{"status":"SUCCESS","error":null}}', '{"a":1}'],
    ['keeps names that only look like parameters', '{"payload":{"Parameters":1,"parameters":2}}', '{"Parameters":1}'],
    ['keeps numbers and blanks as they came', '{"payload": {"a" : 1.10, "b":[ 1e400 ]}}', '{"a" : 1.10,"b":[ 1e400 ]}'],
  ])('%s', async (_what, answer, expected) => {
    const got = await answerOf(answer);
    expect({ status: got.status, type: got.headers['content-type'], text: got.text }).toEqual({
      status: 200,
      type: 'application/json',
      text: expected,
    });
    expect(got.headers['content-length']).toBe(String(Buffer.byteLength(expected)));
  });
  it('echoes what was sent where the flow is empty', async () => {
    expect((await post(gateway.port, '/api/request/rpc/x', '{"é":"ü"}')).text).toBe('{"é":"ü"}');
  });
  it('may be any JSON type of status 2xx', async () => {
    expect(await answerOf('{"payload":{"a":1}}', 'rpc/x', 201)).toMatchObject({ status: 200, text: '{"a":1}' });
  });
});

describe('an error in result', () => {
  const failed = (error: object, extra: object = {}): object => ({
    payload: { a: 1 },
    result: { status: 'ERROR', error, ...extra },
  });
  const rows: [number, number][] = [
    ...[10123, 10124, 10125].map((code): [number, number] => [code, 401]),
    [1, 504],
    [3, 404],
    [11, 503],
    [13, 400],
    [14, 403],
    ...[10006, 10008, 10009, 10011, 10024, 12001, 12002, 13004].map((code): [number, number] => [code, 400]),
    [10028, 404],
    [11005, 404],
    [11006, 409],
    ...[11001, 11002, 11003, 11004].map((code): [number, number] => [code, 409]),
    [11016, 423],
    [17001, 500],
    [17002, 404],
    [17003, 500],
    [17004, 400],
    [17005, 404],
    [17006, 501],
    [17007, 400],
    [17008, 404],
    [17009, 400],
    [17010, 500],
    [17011, 502],
    ...[400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 599].map((code): [number, number] => [code, code]),
    [399, 500],
    [600, 500],
    [200, 500],
    [0, 500],
    [-1, 500],
    [99999, 500],
  ];
  it.each(rows)('of code %d has status %d, and its code and message pass', async (code, status) => {
    const answer = await answerOf(failed({ code, message: 'what the runner says' }));
    expect(answer.status).toBe(status);
    expect(answer.json()).toEqual({ error: { code, message: 'what the runner says', requestId: expect.any(String) } });
  });
  it.each(['http', 'errorHttp', 'httpStatus'])('with %s has that status, whatever its code', async (name) => {
    expect((await answerOf(failed({ code: 10028, message: 'x', [name]: 451 }))).status).toBe(451);
    expect((await answerOf(failed({ code: 10028, message: 'x', [name]: '410' }))).status).toBe(410);
    expect((await answerOf(failed({ code: 404, message: 'x', [name]: 599 }))).status).toBe(599);
  });
  it.each([200, 302, 399, 600, 'x', null, 404.5])('with http %j falls back to its code', async (http) => {
    expect((await answerOf(failed({ code: 11016, message: 'x', http }))).status).toBe(423);
  });
  it('counts without a status beside it', async () => {
    expect((await answerOf({ payload: {}, result: { error: { code: 11006, message: 'x' } } })).status).toBe(409);
  });
  it('counts in an event that has requestMeta alone', async () => {
    expect((await answerOf({ requestMeta: {}, result: { error: { code: 11006, message: 'x' } } })).status).toBe(409);
  });
  it('counts whatever the HTTP status of the answer is', async () => {
    expect((await answerOf(failed({ code: 11006, message: 'x' }), 'rpc/x', 500)).json<ErrorAnswer>().error.code).toBe(
      11006,
    );
  });
  it('is status ERROR alone: 500', async () => {
    const answer = await answerOf({ payload: { a: 1 }, result: { status: 'ERROR' } });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('"a"');
  });
  it.each([{}, { code: null }, { code: 'x' }, { code: 1.5 }, { message: 5 }])(
    '%j without code or message is 500',
    async (error) => {
      const answer = await answerOf(failed(error));
      expect(answer.status).toBe(500);
      expect(answer.json()).toEqual({
        error: { code: 500, message: expect.any(String), requestId: expect.any(String) },
      });
    },
  );
  it('shows its payload only where the path’s rule returns it', async () => {
    const error = { code: 11006, message: 'x', payload: { why: 'secret', n: 1 } };
    expect((await answerOf(failed(error))).text).not.toContain('secret');
    expect((await answerOf(failed(error), 'rpc/shown')).json<ErrorAnswer>().error.payload).toEqual({
      why: 'secret',
      n: 1,
    });
  });
  it('shows its safePayload always, numbers as they were written', async () => {
    const text =
      '{"payload":{},"result":{"error":{"code":1,"message":"x","payload":{"a":"hidden"},"safePayload":{"n":1.10}}}}';
    const answer = await answerOf(text);
    expect(answer.text).toContain('"payload":{"n":1.10}');
    expect(answer.text).not.toContain('hidden');
    expect((await answerOf(text, 'rpc/shown')).text).toContain('"payload":{"a":"hidden"}');
  });
  it('never shows more of it', async () => {
    const answer = await answerOf(failed({ code: 1, message: 'x', stack: 'at secret.ts:1' }, { trace: 'secret' }));
    expect(answer.text).not.toContain('secret');
  });
  it('has a message that cannot break out of the answer', async () => {
    const message = '","requestId":"forged"}}\u2028</script>';
    expect((await answerOf(failed({ code: 400, message }))).json<ErrorAnswer>().error).toEqual({
      code: 400,
      message,
      requestId: expect.stringMatching(/^default-/),
    });
  });
});

describe('payload._response', () => {
  const responding = (response: unknown, more: object = {}): string =>
    JSON.stringify({ payload: { parameters: { sent: 1 }, ...more, _response: response } });

  it.each([
    [201, 201],
    [404, 404],
    [503, 503],
    [302, 302],
    [199, 200],
    [600, 200],
    ['201', 200],
    [201.5, 200],
    [null, 200],
  ])('status %j gives %d', async (status, expected) => {
    expect((await answerOf(responding({ status }, { a: 1 }))).status).toBe(expected);
  });
  it('is no part of the body', async () => {
    expect((await answerOf(responding({ status: 201 }, { a: 1 }))).text).toBe('{"a":1}');
    expect((await answerOf(responding({ status: 201 }))).text).toBe('{"sent":1}');
  });
  it.each([
    ['at the address of the runner', () => `${backend.url}/api/z?a=1`, '/api/request/rpc/z?a=1'],
    ['by its path there', () => '/api/z', '/api/request/rpc/z'],
    ['elsewhere', () => 'http://other.test/z', 'http://other.test/z'],
  ])('a Location %s is the channel’s to clients', async (_where, location, expected) => {
    const answer = await answerOf(responding({ status: 302, headers: { Location: location() } }));
    expect([answer.status, answer.headers.location]).toEqual([302, expected]);
  });
  it('status 204 has no body, and the connection goes on', async () => {
    const answer = await answerOf(responding({ status: 204 }, { a: 1 }));
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
  });
  it('sets the headers that every runner may set', async () => {
    const headers = {
      ETag: '"1"',
      'Cache-Control': 'no-store',
      Location: '/there',
      Vary: 'x',
      'Retry-After': 5,
      Link: '<a>',
    };
    const answer = await answerOf(responding({ headers }));
    expect(answer.headers).toMatchObject({
      etag: '"1"',
      'cache-control': 'no-store',
      location: '/there',
      vary: 'x',
      'retry-after': '5',
      link: '<a>',
    });
  });
  it('sets other headers and cookies only under allowedRunnerHeaders', async () => {
    const response = { headers: { 'X-Runner': 'yes', 'X-Other': 'no' }, cookies: [{ name: 'a', value: '1' }] };
    const allowed = await answerOf(responding(response), 'headed/x');
    expect(allowed.headers).toMatchObject({ 'x-runner': 'yes', 'set-cookie': ['a=1'] });
    expect(allowed.headers).not.toHaveProperty('x-other');
    const plain = await answerOf(responding(response), 'plain/x');
    expect(plain.headers).not.toHaveProperty('x-runner');
    expect(plain.headers).not.toHaveProperty('set-cookie');
  });
  it('sets cookies with their attributes', async () => {
    const cookies = [
      { name: 'a', value: '1', path: '/x', maxAge: 60, httpOnly: true, secure: true, sameSite: 'Strict' },
      { name: 'b', value: '2', maxAge: 0 },
    ];
    expect((await answerOf(responding({ cookies }), 'headed/x')).headers['set-cookie']).toEqual([
      'a=1; Path=/x; Max-Age=60; HttpOnly; Secure; SameSite=Strict',
      'b=2; Max-Age=0',
    ]);
  });
  it.each([
    ['a line break in a value', { headers: { 'X-Runner': 'a\r\nX-Forged: 1' } }],
    ['a line break in a name', { headers: { 'x-runner\r\nx-forged': '1' } }],
    ['a line break in a cookie', { cookies: [{ name: 'a', value: '1\r\nX-Forged: 1' }] }],
    ['a cookie that sets further attributes', { cookies: [{ name: 'a', value: '1; Domain=forged' }] }],
    ['a path that sets further attributes', { cookies: [{ name: 'ok', value: '1', path: '/; Domain=forged' }] }],
    ['cookies that are none', { cookies: [null, 5, {}, { name: 5, value: 1 }, { name: 'a' }] }],
    ['headers that are none', { headers: ['forged'] }],
    ['a member that is no object', 5],
    ['framing', { headers: { 'Transfer-Encoding': 'chunked', Connection: 'upgrade', 'Content-Length': '3' } }],
    ['a type of its own', { headers: { 'Content-Type': 'text/forged', 'Content-Encoding': 'gzip' } }],
  ])('leaves out what is malformed or never passes, and the answer is still good: %s', async (_what, response) => {
    const answer = await answerOf(responding(response, { a: 1 }), 'headed/x');
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '{"a":1}' });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.stringify(answer.headers)).not.toMatch(/forged/i);
  });
});

describe('headers of an answer', () => {
  const values = (answer: CallAnswer, name: string): string[] =>
    answer.rawHeaders.filter(
      (_value, index) => index % 2 === 1 && answer.rawHeaders[index - 1]!.toLowerCase() === name,
    );
  const headersOf = (answer: CallAnswer, ...names: string[]): string[][] => names.map((name) => values(answer, name));

  it('are the channel’s', async () => {
    const answer = await call(gateway.port, '/api/request/headed/x');
    expect(headersOf(answer, 'x-channel', 'x-path', 'x-method')).toEqual([['channel'], ['channel'], ['channel']]);
  });
  it('the path’s win over the channel’s', async () => {
    const answer = await call(gateway.port, '/api/request/headed/special');
    expect(headersOf(answer, 'x-channel', 'x-path', 'x-method')).toEqual([['channel'], ['path'], ['path']]);
  });
  it('the method’s win over the path’s', async () => {
    const answer = await post(gateway.port, '/api/request/headed/special', '{}');
    expect(headersOf(answer, 'x-channel', 'x-path', 'x-method')).toEqual([['channel'], ['path'], ['method']]);
  });
  it('stand on errors too', async () => {
    const answer = await answerOf({ result: { error: { code: 404, message: 'x' } }, payload: {} }, 'headed/special');
    expect(headersOf(answer, 'x-channel', 'x-path', 'x-method')).toEqual([['channel'], ['path'], ['method']]);
  });
  it('the gateway’s own win over a runner’s, and stand once', async () => {
    const headers = { 'X-Channel': 'runner', 'x-path': 'runner', 'X-Request-Id': 'runner', 'X-Runner': 'runner' };
    const answer = await answerOf(JSON.stringify({ payload: { _response: { headers } } }), 'headed/x');
    expect(headersOf(answer, 'x-channel', 'x-path', 'x-runner')).toEqual([['channel'], ['channel'], ['runner']]);
    expect(values(answer, 'x-request-id')).toEqual([expect.stringMatching(/^default-/)]);
  });
  it('a header of the rule wins over one that every runner may set', async () => {
    const answer = await answerOf('{"payload":{"_response":{"headers":{"Cache-Control":"public"}}}}', 'headed/cached');
    expect(headersOf(answer, 'cache-control', 'x-frame-options')).toEqual([['no-store'], ['SAMEORIGIN']]);
  });
  it('a Content-Type of the rule stands instead of ours', async () => {
    const answer = await call(gateway.port, '/api/request/headed/typed');
    expect(values(answer, 'content-type')).toEqual(['application/vnd.own+json']);
  });
  it('a runner sets neither the date nor the connection', async () => {
    const headers = { Date: 'Thu, 01 Jan 1970 00:00:00 GMT', Connection: 'close' };
    const answer = await answerOf(JSON.stringify({ payload: { _response: { headers } } }), 'headed/x');
    expect(values(answer, 'date')).toHaveLength(1);
    expect(values(answer, 'connection')).toHaveLength(1);
  });
  it('protect browsers on every answer, refusals included', async () => {
    for (const path of ['rpc/x', 'nobody/x']) {
      const answer = await call(gateway.port, `/api/request/${path}`);
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
    }
  });
  it('of an HTTP answer of the runner itself do not pass', async () => {
    backend.handler = (_request, response) => {
      response.writeHead(200, { 'X-Runner': 'http', 'Set-Cookie': 'a=1', ETag: '"1"', 'Content-Type': 'text/html' });
      response.end('{"payload":{"a":1}}');
    };
    const answer = await call(gateway.port, '/api/request/headed/x');
    expect(answer.headers['content-type']).toBe('application/json');
    for (const name of ['x-runner', 'set-cookie', 'etag']) expect(answer.headers).not.toHaveProperty(name);
  });
});
