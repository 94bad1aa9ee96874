import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import { echoEvent, HeldCalls, sendJson, TestBackend } from '../support/backend.js';
import { call, post, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';

let backend: TestBackend;
/** As it is out of the box. */
let closed: TestGateway;
/** Takes request ids, traces and proxies' headers from clients, and tells ids. */
let open: TestGateway;

beforeAll(async () => {
  backend = await TestBackend.start();
  const components = withChannels(
    aChannel('rpc', backend.url, {
      paths: {
        '*': { isPublic: true },
        logged: { isPublic: true, logDetailAsInfo: true },
        closed: { isPublic: false },
      },
      aliases: [
        { alias: 'mapped', target: '/mapped', headerMap: { 'X-Use': '{"X-Branch": value}', 'X-Fails': 'abs(value)' } },
      ],
    }),
    aChannel('crud', backend.url, { executor: 'crud' }),
  );
  [closed, open] = await Promise.all([
    TestGateway.start({ components }),
    TestGateway.start({
      components,
      settings: {
        'gateway.id': 'gw',
        'gateway.allowRequestId': true,
        'gateway.requestIdHeaderOn': 'always',
        'gateway.traceIdHeaderOn': 'error',
        'gateway.traceIdHeader': 'X-Trace',
        'gateway.allowBranch': false,
        'telemetry.trace.input.enabled': true,
        'server.trustProxy': 'private',
        'id.partition': 7,
      },
    }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([closed.stop(), open.stop()]);
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = echoEvent;
});

interface Meta {
  readonly id: string;
  readonly branch: string;
  readonly origin: Record<string, unknown>;
}

async function metaOf(gateway: TestGateway, headers: OutgoingHttpHeaders = {}, path = 'rpc/x'): Promise<Meta> {
  expect((await call(gateway.port, `/api/request/${path}`, { headers })).status).toBe(200);
  return backend.lastEvent().requestMeta as unknown as Meta;
}

const traceparentOf = async (gateway: TestGateway, headers: OutgoingHttpHeaders): Promise<string> => {
  await call(gateway.port, '/api/request/rpc/x', { headers });
  return backend.seen.at(-1)!.headers.traceparent as string;
};

describe('the request id', () => {
  it('is prefix, instance and increment, and no two are equal', async () => {
    const ids = [await metaOf(closed), await metaOf(closed), await metaOf(closed)].map((meta) => meta.id);
    const parts = ids.map((id) => /^default-(\d+)-(\d+)$/.exec(id)!);
    expect(new Set(parts.map((part) => part[1])).size).toBe(1);
    expect(Number(parts[2]![2])).toBe(Number(parts[0]![2]) + 2);
  });
  it('ends in the partition in four digits', async () => {
    expect((await metaOf(open)).id).toMatch(/^gw-\d+-\d+0007$/);
  });
  it('is no client’s to choose unless gateway.allowRequestId says so', async () => {
    expect((await metaOf(closed, { 'X-Request-Id': 'mine' })).id).toMatch(/^default-/);
    expect((await metaOf(open, { 'X-Request-Id': 'mine' })).id).toBe('mine');
  });
  it.each([
    ['too long', 'x'.repeat(129)],
    ['blanks', 'a b'],
    ['not ASCII', 'caf\u00e9'],
    ['nothing', ''],
  ])('of a client that is malformed is ignored, not an error: %s', async (_what, id) => {
    expect((await metaOf(open, { 'X-Request-Id': id })).id).toMatch(/^gw-/);
  });
  it('of a client may have 128 visible characters', async () => {
    const id = `${'x'.repeat(120)}!"#{}~,;`;
    expect((await metaOf(open, { 'X-Request-Id': id })).id).toBe(id);
  });
  it('goes out as gateway.requestIdHeaderOn says', async () => {
    expect(
      (await call(open.port, '/api/request/rpc/x', { headers: { 'X-Request-Id': 'mine' } })).headers,
    ).toMatchObject({
      'x-request-id': 'mine',
    });
    expect((await call(open.port, '/api/request/nobody/x')).headers['x-request-id']).toMatch(/^gw-/);
    expect((await call(closed.port, '/api/request/rpc/x')).headers).not.toHaveProperty('x-request-id');
  });
  it('of an error is the one in its body and its log line', async () => {
    const answer = await call(open.port, '/api/request/rpc/closed', { headers: { 'X-Request-Id': 'closed-one' } });
    expect(answer.json<ErrorAnswer>().error.requestId).toBe('closed-one');
    await open.until(() => open.requestLines().some((line) => line.requestId === 'closed-one'));
  });
  it('that two clients send at once: both are answered, and in flight they differ', async () => {
    const calls = new HeldCalls();
    backend.handler = calls.handler;
    const headers = { 'X-Request-Id': 'twice' };
    const both = [
      post(open.port, '/api/request/rpc/x', '{"n":1}', headers),
      post(open.port, '/api/request/rpc/x', '{"n":2}', headers),
    ];
    await until(() => calls.held.length === 2);
    const ids = backend.seen.map((request) => (JSON.parse(request.body) as { requestMeta: Meta }).requestMeta.id);
    expect(ids).toContain('twice');
    expect(ids.find((id) => id !== 'twice')).toMatch(/^gw-/);
    calls.release();
    const answers = await Promise.all(both);
    expect(answers.map((answer) => answer.text)).toEqual(['{"n":1}', '{"n":2}']);
    expect(answers.map((answer) => answer.headers['x-request-id']).sort()).toEqual([...ids].sort());
    // Free again once nobody has it.
    backend.handler = echoEvent;
    expect((await metaOf(open, headers)).id).toBe('twice');
  });
});

describe('the trace', () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  it('is a new one where clients may not give it', async () => {
    const seen = await traceparentOf(closed, { traceparent: parent });
    expect(seen).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(seen).not.toContain('0af7651916cd43dd8448eb211c80319c');
  });
  it.each([
    ['traceparent', { traceparent: parent }, '01'],
    ['traceparent that is not sampled', { traceparent: parent.replace(/01$/, '00') }, '00'],
    ['b3 in one header', { b3: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1' }, '01'],
    [
      'b3 in several',
      { 'X-B3-TraceId': '0af7651916cd43dd8448eb211c80319c', 'X-B3-SpanId': 'b7ad6b7169203331', 'X-B3-Sampled': '0' },
      '00',
    ],
  ])('of a client goes on where it may: %s', async (_what, headers, flags) => {
    const seen = await traceparentOf(open, headers);
    expect(seen).toMatch(new RegExp(`^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-${flags}$`));
    // The span is ours.
    expect(seen).not.toContain('b7ad6b7169203331');
  });
  it.each([
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'x',
  ])('of a client that is malformed is a new one: %s', async (traceparent) => {
    const seen = await traceparentOf(open, { traceparent });
    expect(seen).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(seen).not.toContain('0af7651916cd43dd8448eb211c80319c');
  });
  it('goes out on errors where the settings say so, under the name that they give it', async () => {
    const failed = await call(open.port, '/api/request/nobody/x', { headers: { traceparent: parent } });
    expect(failed.headers['x-trace']).toBe('0af7651916cd43dd8448eb211c80319c');
    expect((await call(open.port, '/api/request/rpc/x')).headers).not.toHaveProperty('x-trace');
  });
  it('reaches a crud runner too', async () => {
    await call(open.port, '/api/request/crud/x', { headers: { traceparent: parent } });
    expect(backend.seen.at(-1)!.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
  });
});

describe('the origin', () => {
  const encoded = (value: unknown): string =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');

  it('has what the gateway knows: address, agent and referrer', async () => {
    const { origin } = await metaOf(closed, { 'User-Agent': 'a "quoted" agent', Referer: 'http://page.test/' });
    expect(origin).toEqual({ ip: '127.0.0.1', agent: 'a "quoted" agent', referrer: 'http://page.test/' });
    expect((await metaOf(closed, { Referrer: 'http://page.test/' })).origin.referrer).toBe('http://page.test/');
  });
  it.each(['Rierino-Origin', 'Sluice-Origin'])(
    'is taken from header and cookie %s, the header winning',
    async (name) => {
      const cookie = encoded({ lat: 1, lon: 2, parameters: { from: 'cookie' } });
      const header = encoded({ lat: 3, offset: 60 });
      const { origin } = await metaOf(closed, { Cookie: `x=y; ${name}=${cookie}`, [name]: header });
      expect(origin).toEqual({ lat: 3, lon: 2, offset: 60, parameters: { from: 'cookie' }, ip: '127.0.0.1' });
    },
  );
  it('has nothing of a client where only the gateway may tell', async () => {
    const forged = { ip: '192.0.2.1', agent: 'forged', referrer: 'forged', id: 'forged', type: 'forged', lat: 1 };
    expect((await metaOf(closed, { 'Rierino-Origin': encoded(forged) })).origin).toEqual({ lat: 1, ip: '127.0.0.1' });
    const data = encodeURIComponent(JSON.stringify({ origin: forged, payload: {} }));
    expect((await metaOf(closed, {}, `full/rpc/x?data=${data}`)).origin).toEqual({ lat: 1, ip: '127.0.0.1' });
  });
  it.each([
    ['no base64 of JSON', '!!!'],
    ['no JSON', encoded('lat=1')],
    ['an array', encoded([1])],
    ['a text', encoded('"x"')],
    ['null', encoded('null')],
    ['more than 8 KiB', encoded({ a: 'x'.repeat(8192) })],
  ])('that is %s is ignored and counted, and the call goes on', async (_what, value) => {
    const before = await closed.metric('sluice_origins_ignored_total');
    expect((await metaOf(closed, { 'Rierino-Origin': value })).origin).toEqual({ ip: '127.0.0.1' });
    expect(await closed.metric('sluice_origins_ignored_total')).toBe(before + 1);
  });
  it('of 8 KiB is taken', async () => {
    const value = encoded({ a: 'x'.repeat(6100) });
    expect(value.length).toBeGreaterThan(8100);
    expect((await metaOf(closed, { 'Rierino-Origin': value })).origin).toHaveProperty('a');
  });
  it('has the peer’s address, whatever proxies claim, unless they are trusted', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.9', Forwarded: 'for=203.0.113.9' };
    expect((await metaOf(closed, headers)).origin.ip).toBe('127.0.0.1');
    expect((await metaOf(open, headers)).origin.ip).toBe('203.0.113.9');
  });
  it('has the rightmost address that is not trusted', async () => {
    const forwarded = { 'X-Forwarded-For': '198.51.100.1, 203.0.113.9, 10.0.0.1' };
    expect((await metaOf(open, forwarded)).origin.ip).toBe('203.0.113.9');
    expect(
      (await metaOf(open, { Forwarded: 'for=198.51.100.1, for="[2001:db8::9]:443", for=10.0.0.1' })).origin.ip,
    ).toBe('2001:db8::9');
  });
});

describe('the branch', () => {
  it('is main where none is named', async () => expect((await metaOf(closed)).branch).toBe('main'));
  it('is the one in the URL, before the header', async () => {
    expect((await metaOf(closed, {}, 'rpc@dev/x')).branch).toBe('dev');
    expect((await metaOf(closed, { 'X-Branch': 'other' }, 'rpc@dev/x')).branch).toBe('dev');
    expect((await metaOf(closed, { 'X-Branch': 'other' }, 'rpc@main/x')).branch).toBe('main');
  });
  it('is else the one in X-Branch', async () => {
    expect((await metaOf(closed, { 'X-Branch': 'feature/1.2-x_y' })).branch).toBe('feature/1.2-x_y');
  });
  it('other than main is 403 with gateway.allowBranch false', async () => {
    for (const answer of [
      await call(open.port, '/api/request/rpc@dev/x'),
      await call(open.port, '/api/request/rpc/x', { headers: { 'X-Branch': 'dev' } }),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.json<ErrorAnswer>().error.code).toBe(403);
    }
    expect((await metaOf(open, { 'X-Branch': 'main' }, 'rpc@main/x')).branch).toBe('main');
  });
  it.each(['rpc@/x', 'rpc@a b/x'.replace(' ', '%20'), 'rpc@a@b/x', `rpc@${'x'.repeat(129)}/x`])(
    'that is malformed is 400: %s',
    async (path) => expect((await call(closed.port, `/api/request/${path}`)).status).toBe(400),
  );
  it('reaches a crud runner in request_metadata', async () => {
    await call(closed.port, '/api/request/crud@dev/x');
    const meta = Buffer.from(backend.seen.at(-1)!.headers.request_metadata as string, 'base64').toString();
    expect(JSON.parse(meta)).toMatchObject({ branch: 'dev' });
  });
  it('may be made of a header by an alias’ header map', async () => {
    expect((await call(closed.port, '/mapped', { headers: { 'X-Use': 'b1' } })).status).toBe(200);
    expect(backend.lastEvent().requestMeta).toMatchObject({ branch: 'b1', path: '/mapped' });
  });
  it('is main where the header map’s expression fails on a request', async () => {
    expect((await call(closed.port, '/mapped', { headers: { 'X-Fails': 'no number' } })).status).toBe(200);
    expect(backend.lastEvent().requestMeta.branch).toBe('main');
  });
});

describe('the log line of a request', () => {
  async function lineOf(gateway: TestGateway, id: string): Promise<Record<string, unknown>> {
    await gateway.until(() => gateway.requestLines().some((line) => line.requestId === id));
    // A moment longer, so that a second line would be seen.
    await call(gateway.port, '/api/request/nobody/last', { headers: { 'X-Request-Id': `after-${id}` } });
    await gateway.until(() => gateway.requestLines().some((line) => line.requestId === `after-${id}`));
    const lines = gateway.requestLines().filter((line) => line.requestId === id);
    expect(lines).toHaveLength(1);
    return lines[0]!;
  }
  const send = (id: string, path: string, body = '{"a":1}', headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> =>
    post(open.port, path, body, { 'X-Request-Id': id, ...headers });

  it('stands once, with ids, trace, gateway, channel, path, method, status, times and attempts', async () => {
    await send('line-1', '/api/request/rpc/x?secret=1');
    const line = await lineOf(open, 'line-1');
    expect(line).toEqual({
      level: 30,
      time: expect.any(Number),
      gateway: 'gw',
      msg: 'request',
      requestId: 'line-1',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      channel: 'rpc',
      branch: 'main',
      method: 'POST',
      path: '/api/request/rpc/x',
      status: 200,
      ms: expect.any(Number),
      beforeMs: expect.any(Number),
      backendMs: expect.any(Number),
      attempts: 1,
      bytes: 7,
      peer: '127.0.0.1',
    });
    expect(Number(line.ms)).toBeGreaterThanOrEqual(Number(line.backendMs));
  });
  it('of a refusal has code and error, and tells that nobody was called', async () => {
    await send('line-2', '/api/request/rpc/closed');
    const line = await lineOf(open, 'line-2');
    expect(line).toMatchObject({ level: 30, status: 401, code: 401, error: 'TOKEN_MISSING', channel: 'rpc' });
    expect(line).not.toHaveProperty('attempts');
  });
  it('of a runner’s error has its code', async () => {
    backend.handler = (_request, response) =>
      sendJson(response, '{"payload":{},"result":{"error":{"code":11006,"message":"m"}}}');
    await send('line-3', '/api/request/rpc/x');
    expect(await lineOf(open, 'line-3')).toMatchObject({
      status: 409,
      code: 11006,
      error: 'RUNNER_ERROR',
      attempts: 1,
    });
  });
  it('of no channel has none', async () => {
    await send('line-4', '/api/request/nobody/x');
    const line = await lineOf(open, 'line-4');
    expect(line).toMatchObject({ status: 404, code: 17002, path: '/api/request/nobody/x' });
    expect(line).not.toHaveProperty('channel');
  });
  it('cannot be forged by what a client sends', async () => {
    await send('line-5","forged":"1', '/api/request/rpc/a%22,%22forged%22:%221', '{}', {
      'User-Agent': '","forged":"1',
    });
    await open.until(() => open.requestLines().some((line) => line.requestId === 'line-5","forged":"1'));
    expect(open.lines.every((line) => !('forged' in line))).toBe(true);
  });
  it('has no payload, query or credential', async () => {
    await send('line-6', '/api/request/rpc/x?key=hidden', '{"a":"hidden"}', {
      Authorization: 'Bearer hidden',
      Cookie: 'a=hidden',
    });
    expect(JSON.stringify(await lineOf(open, 'line-6'))).not.toContain('hidden');
  });
  it('has what was sent and answered where the rule says logDetailAsInfo, secrets redacted', async () => {
    backend.handler = (_request, response) => {
      sendJson(
        response,
        '{"payload":{"parameters":{},"name":"Ada","accessToken":"hidden","deep":{"client_secret":{"x":"hidden"}}}}',
      );
    };
    const body =
      '{"user":"ada","password":"hidden","list":[{"apiKey":"hidden"}],"Authorization":"hidden","otp":"hidden"}';
    await send('line-7', '/api/request/rpc/logged', body);
    const line = await lineOf(open, 'line-7');
    expect(JSON.stringify(line)).not.toContain('hidden');
    expect(line).toMatchObject({
      detail: {
        request: { user: 'ada', password: '********', list: [{ apiKey: '********' }], Authorization: '********' },
        answer: { name: 'Ada', accessToken: '********', deep: { client_secret: '********' } },
      },
    });
  });
});
