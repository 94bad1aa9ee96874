import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import { echoEvent, TestBackend } from '../support/backend.js';
import { call, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';

const GOOD = 'https://app.good.example';
const EVIL = 'https://app.good.example.evil.com';
const VARY_OF_OPTIONS = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

let backend: TestBackend;
/** With CORS for some origins, for all of them, and without. */
let some: TestGateway;
let open: TestGateway;
let off: TestGateway;

beforeAll(async () => {
  backend = await TestBackend.start();
  const components = withChannels(
    aChannel('rpc', backend.url, {
      paths: { '*': { isPublic: true, methods: { GET: {}, PUT: {} } }, 'closed/*': { isPublic: false } },
      aliases: [
        { alias: 'shop', target: '/' },
        { alias: 'health/shop', target: '/' },
      ],
      responseHeaders: { 'Access-Control-Allow-Origin': '*', Vary: 'Cookie', 'X-Own': '1' },
    }),
    aChannel('crud', backend.url, {
      executor: 'crud',
      allowedRunnerHeaders: ['Access-Control-Allow-Origin', 'Access-Control-Max-Age', 'X-Runner'],
    }),
  );
  const cors = { 'security.cors.enabled': true };
  const patterns = { 'security.cors.allowed.originPatterns': 'https://*.good.example' };
  [some, open, off] = await Promise.all([
    TestGateway.start({ components, settings: { ...cors, ...patterns, 'gateway.requestIdHeaderOn': 'always' } }),
    TestGateway.start({
      components,
      settings: { ...cors, 'security.cors.allowed.origins': '*', 'security.cors.credentials': false },
    }),
    TestGateway.start({ components }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([some.stop(), open.stop(), off.stop()]);
  await backend.close();
}, 60_000);
beforeEach(() => {
  backend.seen.length = 0;
  backend.handler = echoEvent;
});

const get = (gateway: TestGateway, path: string, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> =>
  call(gateway.port, path, { headers });
const preflight = (gateway: TestGateway, path: string, headers: OutgoingHttpHeaders = {}): Promise<CallAnswer> =>
  call(gateway.port, path, {
    method: 'OPTIONS',
    headers: { Origin: GOOD, 'Access-Control-Request-Method': 'PUT', ...headers },
  });
/** Its headers of CORS, without `access-control-`. */
const corsOf = ({ headers }: CallAnswer): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('access-control-') ? [[name.slice('access-control-'.length), value]] : [],
    ),
  );
const codeOf = (answer: CallAnswer): number => answer.json<ErrorAnswer>().error.code;

describe('a preflight', () => {
  it.each([
    ...['/api/request/rpc/x', '/api/request/rpc/closed/x', '/api/request/nobody', '/shop/x', '/api/auth/login'],
    ...['/nothing', '/health/shop/x', '/api/request/full/rpc'],
  ])('is answered by the gateway itself, whatever its path: %s', async (path) => {
    const answer = await preflight(some, path, { 'Access-Control-Request-Headers': 'content-type,x-csrf-token' });
    expect([answer.status, answer.text, backend.seen]).toEqual([204, '', []]);
    expect(corsOf(answer)).toEqual({
      'allow-origin': GOOD,
      'allow-credentials': 'true',
      'allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'allow-headers': 'content-type, x-csrf-token',
      'max-age': '1800',
    });
    expect(answer.headers.vary).toBe(VARY_OF_OPTIONS);
  });
  it.each([
    ['another origin', { Origin: EVIL }],
    ['the origin null', { Origin: 'null' }],
    ['a huge origin', { Origin: `https://${'a'.repeat(12_000)}.good.example` }],
    ['another method', { 'Access-Control-Request-Method': 'TRACE' }],
    ['a header that is none', { 'Access-Control-Request-Headers': 'a b' }],
  ])('of %s is refused', async (_what, headers) => {
    const answer = await preflight(some, '/api/request/rpc/x', headers);
    expect([answer.status, codeOf(answer), corsOf(answer)]).toEqual([403, 403, {}]);
    expect(answer.headers.vary).toBe(VARY_OF_OPTIONS);
  });
  it('is told * where any origin may call', async () => {
    expect(corsOf(await preflight(open, '/api/request/rpc/x', { Origin: EVIL }))).toEqual({
      'allow-origin': '*',
      'allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'max-age': '1800',
    });
  });
});

describe('a call of a page', () => {
  it('whose origin may call reaches the runner, and the page may read the answer', async () => {
    const answer = await get(some, '/api/request/rpc/x', { Origin: GOOD });
    expect([answer.status, backend.seen.length]).toEqual([200, 1]);
    expect(corsOf(answer)).toEqual({
      'allow-origin': GOOD,
      'allow-credentials': 'true',
      'expose-headers': 'X-CSRF-TOKEN, Retry-After, RateLimit, RateLimit-Policy, Location, X-Own, X-Request-Id',
    });
    expect(answer.headers.vary).toBe('Origin, Cookie');
  });
  it.each(['/api/request/rpc/x', '/shop/x', '/nothing', '/health/shop/x'])(
    'whose origin may not is refused, and reaches nobody: %s',
    async (path) => {
      const answer = await get(some, path, { Origin: EVIL });
      expect([answer.status, codeOf(answer), corsOf(answer)]).toEqual([403, 403, {}]);
      expect([answer.headers.vary, backend.seen]).toEqual(['Origin', []]);
    },
  );
  it('with Origin twice is no call of an origin that may', async () => {
    const client = await RawClient.open(some.port);
    for (const origins of [`Origin: ${EVIL}\r\nOrigin: ${GOOD}\r\n`, `Origin: ${EVIL}, ${GOOD}\r\n`]) {
      client.write(`GET /api/request/rpc/x HTTP/1.1\r\nHost: g\r\n${origins}\r\n`);
      expect((await client.answer()).status).toBe(403);
    }
    client.destroy();
  });
  it('from our own address needs no leave', async () => {
    const answer = await get(some, '/api/request/rpc/x', { Origin: `http://127.0.0.1:${some.port}` });
    expect([answer.status, corsOf(answer), answer.headers.vary]).toEqual([200, {}, 'Origin, Cookie']);
  });
  it('without Origin is answered as before, for caches with Vary', async () => {
    const answer = await get(some, '/api/request/rpc/x');
    expect([answer.status, corsOf(answer), answer.headers.vary]).toEqual([200, {}, 'Origin, Cookie']);
  });
  it('may read health only where it comes from there', async () => {
    const answer = await get(some, '/health/live', { Origin: GOOD });
    expect([answer.status, corsOf(answer)]).toEqual([200, {}]);
  });
});

describe('an error', () => {
  it.each([
    ['no such channel', 404, '/api/request/nobody/x'],
    ['a path that is nobody’s', 404, '/nothing'],
    ['no token', 401, '/api/request/rpc/closed/x'],
    ['a path that is none', 400, '/api/request/rpc/%2F'],
  ])('can be read by the page: %s', async (_what, status, path) => {
    const answer = await get(some, path, { Origin: GOOD });
    expect([answer.status, corsOf(answer)]).toEqual([
      status,
      expect.objectContaining({ 'allow-origin': GOOD, 'allow-credentials': 'true' }),
    ]);
    expect(answer.headers.vary).toMatch(/^Origin\b/);
  });
  it('of the backend can be, too', async () => {
    backend.handler = (_request, response) => response.destroy();
    const answer = await get(some, '/api/request/rpc/x', { Origin: GOOD });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([502, GOOD]);
  });
});

describe('what a runner says of CORS', () => {
  const says = { 'Access-Control-Allow-Origin': 'https://runner.example', 'Access-Control-Max-Age': '9' };

  beforeEach(() => {
    backend.handler = (_request, response) => {
      response.writeHead(200, { ...says, Vary: 'Accept', 'X-Runner': '1' });
      // Longer than what goes out in one piece: it streams.
      for (let part = 0; part < 20; part++) response.write('x'.repeat(4096));
      response.end();
    };
  });
  it('gives way to ours, also where it streams', async () => {
    const answer = await get(some, '/api/request/crud/x', { Origin: GOOD });
    expect([answer.status, answer.bytes.length]).toEqual([200, 20 * 4096]);
    expect(answer.rawHeaders.filter((name) => /^access-control-allow-origin$/i.test(name))).toHaveLength(1);
    expect(corsOf(answer)).toMatchObject({ 'allow-origin': GOOD });
    expect(corsOf(answer)).not.toHaveProperty('max-age');
    expect(answer.headers).toMatchObject({ 'x-runner': '1', vary: 'Origin, Accept' });
    expect(answer.headers['access-control-expose-headers']).toContain('x-runner');
  });
  it('does not reach a caller without Origin', async () => {
    expect(corsOf(await get(some, '/api/request/crud/x'))).toEqual({});
  });
  it('passes as ever where CORS is off', async () => {
    const answer = await get(off, '/api/request/crud/x', { Origin: EVIL });
    expect([answer.status, answer.headers.vary]).toEqual([200, 'Accept']);
    expect(corsOf(answer)).toEqual({ 'allow-origin': 'https://runner.example', 'max-age': '9' });
  });
});

describe('without CORS', () => {
  it('OPTIONS is answered with Allow, whoever asks', async () => {
    const answer = await preflight(off, '/api/request/crud/x', { Origin: EVIL });
    expect([answer.status, corsOf(answer), answer.headers.vary]).toEqual([204, {}, undefined]);
    expect(answer.headers.allow).toContain('OPTIONS');
  });
  it('Origin changes nothing', async () => {
    const answer = await get(off, '/api/request/rpc/x', { Origin: EVIL });
    expect([answer.status, answer.headers.vary]).toEqual([200, 'Cookie']);
  });
});

describe('with CORS', () => {
  it('OPTIONS that is no preflight is answered with Allow', async () => {
    const answer = await call(some.port, '/api/request/rpc/x', { method: 'OPTIONS' });
    expect([answer.status, answer.headers.allow]).toEqual([204, expect.stringContaining('PUT')]);
  });
});
