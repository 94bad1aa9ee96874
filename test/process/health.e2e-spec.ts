import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { OutgoingHttpHeaders } from 'node:http';
import { TestBackend } from '../support/backend.js';
import { call, post, type CallAnswer, type ErrorAnswer } from '../support/call.js';
import { aChannel, withChannels } from '../support/channels.js';
import { TestGateway } from '../support/gateway.js';
import { until } from '../support/until.js';
import { freePort, takenPort } from './program.js';

jest.setTimeout(60_000);

const JSON_TYPE = 'application/json';
const METRICS_TYPE = /^text\/plain; version=0\.0\.4; charset=utf-8$/;

let backend: TestBackend;
/** With default settings, one faulty record, and a channel whose runner is not there. */
let plain: TestGateway;
beforeAll(async () => {
  backend = await TestBackend.start();
  const { port: deadPort, server } = await takenPort();
  server.close();
  plain = await TestGateway.start({
    components: {
      ...withChannels(aChannel('rpc', backend.url), aChannel('dead', `http://127.0.0.1:${deadPort}`)),
      'channels/broken.yaml': 'id: broken\nsystem: rpc\npaths:\n  x:\n    isPublic: perhaps\n',
    },
  });
});
afterAll(async () => {
  await plain.stop();
  await backend.close();
});

function expectError(answer: CallAnswer, status: number): void {
  expect({ status: answer.status, type: answer.headers['content-type'], body: answer.json() }).toEqual({
    status,
    type: JSON_TYPE,
    body: {
      error: { code: status, message: expect.any(String), requestId: expect.stringMatching(/^default-\d+-\d+$/) },
    },
  });
}

describe('a probe of an allowed address', () => {
  it.each([
    ['/health/live', { status: 'ok' }],
    ['/health/ready', { status: 'ok' }],
    ['/actuator/health/liveness', { status: 'UP' }],
    ['/actuator/health/readiness', { status: 'UP' }],
    ['/actuator/info', { gateway: { id: 'default' } }],
  ])('%s answers 200 %j as JSON', async (path, body) => {
    const answer = await call(plain.port, path);
    expect({ status: answer.status, type: answer.headers['content-type'], body: answer.json() }).toEqual({
      status: 200,
      type: JSON_TYPE,
      body,
    });
  });
  it.each(['/health', '/actuator/health'])('%s has details', async (path) => {
    const answer = await call(plain.port, path);
    const fault = {
      kind: 'channel',
      id: 'broken',
      severity: 'fault',
      file: `${plain.componentsFolder}/channels/broken.yaml`,
      pointer: '/paths/x/isPublic',
      code: 17001,
      message: expect.stringContaining('expected'),
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    };
    const faults = [expect.objectContaining(fault)];
    expect([answer.status, answer.headers['content-type']]).toEqual([200, JSON_TYPE]);
    expect(answer.json()).toEqual(
      path === '/health' ? { status: 'ok', faults } : { status: 'UP', details: { faults } },
    );
  });
  it.each(['/metrics', '/actuator/prometheus'])('%s answers in Prometheus’ text format', async (path) => {
    await call(plain.port, '/api/request/rpc/counted');
    const answer = await call(plain.port, path);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringMatching(METRICS_TYPE)]);
    expect(answer.text).toMatch(/^# TYPE sluice_requests_in_flight gauge$/m);
    expect(answer.text).toMatch(/^sluice_config_findings\{.*severity="fault".*\} 1$/m);
    expect(answer.text.endsWith('\n')).toBe(true);
  });
  it('is answered to HEAD without a body', async () => {
    for (const path of ['/health/live', '/health', '/metrics', '/actuator/health']) {
      expect(await call(plain.port, path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    }
  });
  it('carries the security headers of every answer', async () => {
    for (const path of ['/health/live', '/health', '/metrics', '/actuator/health', '/health/nowhere']) {
      expect((await call(plain.port, path)).headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
    }
  });
});

describe('readiness', () => {
  it('is unaffected by a faulty record and by a runner that is not there', async () => {
    expect((await call(plain.port, '/api/request/dead/x')).status).toBe(502);
    expect((await call(plain.port, '/api/request/broken/x')).status).toBe(500);
    for (const path of ['/health/ready', '/health', '/actuator/health', '/actuator/health/readiness']) {
      expect(await call(plain.port, path)).toMatchObject({ status: 200 });
    }
  });
});

describe('what is not there', () => {
  it.each(['/nowhere', '/', '/health/nowhere', '/actuator', '/actuator/env', '/metrics/x', '/api', '/api/health'])(
    'is 404 with a JSON error: %s',
    async (path) => expectError(await call(plain.port, path), 404),
  );
  it.each(['/health', '/health/live', '/metrics', '/actuator/health', '/actuator/info'])(
    'is 404 or 405 with a JSON error: POST %s',
    async (path) => {
      const answer = await post(plain.port, path, '{"a":1}');
      expect([404, 405]).toContain(answer.status);
      expectError(answer, answer.status);
    },
  );
});

/** Which of the paths with details show them to whoever sends these headers. */
async function shownTo(port: number, headers: OutgoingHttpHeaders = {}): Promise<string[]> {
  const shown: string[] = [];
  for (const path of ['/health', '/actuator/health', '/actuator/info', '/actuator/prometheus', '/metrics']) {
    const answer = await call(port, path, { headers });
    const isHealth = path.endsWith('health');
    if (isHealth) expect(answer.status).toBe(200);
    const hasDetails = isHealth ? Object.keys(answer.json()).length > 1 : answer.status === 200;
    if (hasDetails) shown.push(path);
    else if (!isHealth) expectError(answer, 403);
    else expect(answer.json()).toEqual({ status: path === '/health' ? 'ok' : 'UP' });
  }
  return shown;
}
const ALL = ['/health', '/actuator/health', '/actuator/info', '/actuator/prometheus', '/metrics'];

describe('details and metrics', () => {
  it('are for 127.0.0.1 unless settings say otherwise', async () => {
    expect(await shownTo(plain.port)).toEqual(ALL);
  });
  it.each([
    [{ 'X-Forwarded-For': '127.0.0.1' }],
    [{ 'X-Forwarded-For': '192.0.2.7' }],
    [{ 'X-Forwarded-For': '' }],
    [{ Forwarded: 'for=127.0.0.1' }],
    [{ 'X-Forwarded-For': ['127.0.0.1', '127.0.0.1'] }],
    [{ 'X-Forwarded-Proto': 'https' }],
    [{ 'X-Forwarded-Host': 'gateway.example' }],
    [{ 'X-Real-IP': '127.0.0.1' }],
  ])('are never for a request that an untrusted peer forwards: %j', async (headers) => {
    expect(await shownTo(plain.port, headers)).toEqual([]);
    expect(await call(plain.port, '/health/ready', { headers })).toMatchObject({
      status: 200,
      text: '{"status":"ok"}',
    });
  });
});

describe('with other addresses allowed, a trusted proxy, and no request controller', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await TestGateway.start({
      components: withChannels(aChannel('rpc', backend.url)),
      settings: {
        'security.actuator.allowed.ips': '192.0.2.1, 2001:db8::/32',
        'server.trustProxy': '127.0.0.1',
        'request.controller.enabled': false,
      },
    });
  });
  afterAll(async () => void (await gateway.stop()));

  it('a stranger who is refused stands in the log by the name of the error', async () => {
    expectError(await call(gateway.port, '/metrics'), 403);
    await gateway.until(() => gateway.requestLines().some(({ error }) => error === 'NOT_ALLOWED_ADDRESS'));
  });
  it('a stranger sees the bare status, and no metrics', async () => {
    expect(await shownTo(gateway.port)).toEqual([]);
    expect(await call(gateway.port, '/health/live')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await call(gateway.port, '/actuator/health/liveness')).toMatchObject({
      status: 200,
      text: '{"status":"UP"}',
    });
  });
  it.each([
    [{ 'X-Forwarded-For': '192.0.2.1' }, ALL],
    [{ 'X-Forwarded-For': '2001:db8::7' }, ALL],
    [{ Forwarded: 'for="[2001:db8::7]:4711"' }, ALL],
    [{ 'X-Forwarded-For': '192.0.2.9' }, []],
    // The rightmost that is not trusted counts: the first is what a client may have claimed.
    [{ 'X-Forwarded-For': '192.0.2.1, 192.0.2.9' }, []],
    [{ 'X-Forwarded-For': '192.0.2.9, 192.0.2.1' }, ALL],
  ])('the address that the proxy tells counts: %j', async (headers, shown) => {
    expect(await shownTo(gateway.port, headers)).toEqual(shown);
  });
  it('calls of channels are 404 as if they were not there', async () => {
    const unknown = await call(gateway.port, '/api/nowhere/rpc/x');
    for (const path of ['/api/request/rpc/x', '/api/request/full/rpc/x', '/api/request/nowhere/x', '/api/request']) {
      const answer = await call(gateway.port, path);
      expectError(answer, 404);
      expect(answer.json<ErrorAnswer>().error.message).toBe(unknown.json<ErrorAnswer>().error.message);
    }
    expectError(await post(gateway.port, '/api/request/rpc/x', '{}'), 404);
  });
});

describe('with a management listener, and ids in headers', () => {
  let gateway: TestGateway;
  let management: number;
  beforeAll(async () => {
    management = await freePort();
    gateway = await TestGateway.start({
      components: withChannels(
        aChannel('rpc', backend.url, {
          aliases: [
            { alias: 'hello', target: '/Hello' },
            { alias: 'health/deep', target: '/Hello' },
          ],
        }),
      ),
      settings: {
        'server.management.port': management,
        'gateway.requestIdHeaderOn': 'always',
        'gateway.requestIdHeader': 'X-Ours',
        'gateway.traceIdHeaderOn': 'error',
      },
    });
  });
  afterAll(async () => void (await gateway.stop()));

  it('that has them all', async () => {
    expect(await shownTo(management)).toEqual(ALL);
    for (const path of ['/health/live', '/health/ready', '/actuator/health/liveness', '/actuator/health/readiness']) {
      expect(await call(management, path)).toMatchObject({ status: 200 });
    }
  });
  it('the first keeps /health/live and /health/ready alone', async () => {
    expect(await call(gateway.port, '/health/live')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await call(gateway.port, '/health/ready')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    for (const path of [...ALL, '/actuator/health/liveness', '/actuator/health/readiness']) {
      expectError(await call(gateway.port, path), 404);
    }
    expect((await call(gateway.port, '/api/request/rpc/x')).status).toBe(200);
    expect((await call(gateway.port, '/hello')).status).toBe(200);
  });
  it('that serves no channels and no aliases', async () => {
    const before = backend.seen.length;
    for (const path of ['/api/request/rpc/x', '/api/request/full/rpc/x', '/hello', '/health/deep', '/nowhere', '/']) {
      expectError(await call(management, path), 404);
      expectError(await post(management, path, '{}'), 404);
    }
    expect(backend.seen.length).toBe(before);
  });
  it.each(['/health/live', '/actuator/health', '/metrics', '/api/request/rpc/x', '/hello'])(
    'the request id goes out always, the trace id not with a good answer: %s',
    async (path) => {
      const port = /^\/(actuator|metrics)/.test(path) ? management : gateway.port;
      const { status, headers } = await call(port, path);
      expect([status, headers['x-ours'], headers['x-trace-id']]).toEqual([
        200,
        expect.stringMatching(/^default-\d+-\d+$/),
        undefined,
      ]);
    },
  );
  it.each(['/health', '/metrics', '/actuator/nowhere', '/health/nowhere', '/api/request/nowhere/x', '/nowhere'])(
    'both go out with an error, the request id as in the body: %s',
    async (path) => {
      const answer = await call(gateway.port, path);
      expect([answer.status, answer.headers['x-ours'], answer.headers['x-trace-id']]).toEqual([
        404,
        answer.json<ErrorAnswer>().error.requestId,
        expect.stringMatching(/^[0-9a-f]{32}$/),
      ]);
      await until(() => gateway.requestLines().some(({ requestId }) => requestId === answer.headers['x-ours']));
      const line = gateway.requestLines().find(({ requestId }) => requestId === answer.headers['x-ours']);
      expect(line).toMatchObject({ status: 404, path, traceId: answer.headers['x-trace-id'] });
    },
  );
});

describe('aliases', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    const names = ['health', 'metrics', 'health/live', 'health/ready', 'actuator', 'api'];
    const aliases = names.map((alias) => ({ alias, target: '/own' }));
    gateway = await TestGateway.start({ components: withChannels(aChannel('rpc', backend.url, { aliases })) });
  });
  afterAll(async () => void (await gateway.stop()));

  it.each(['/health', '/metrics', '/health/below', '/metrics/below'])('win over ours: %s', async (path) => {
    const answer = await call(gateway.port, `${path}?asked=1`);
    expect([answer.status, answer.json()]).toEqual([200, { asked: '1' }]);
    expect(backend.seen.at(-1)?.url).toBe(`/api/own${path.includes('below') ? '/below' : ''}`);
  });
  it('win over ours for POST, too', async () => {
    const answer = await post(gateway.port, '/health', '{"asked":2}');
    expect([answer.status, answer.text]).toEqual([200, '{"asked":2}']);
  });
  it.each([
    ['/health/live', '{"status":"ok"}'],
    ['/health/ready', '{"status":"ok"}'],
    ['/actuator/health/liveness', '{"status":"UP"}'],
  ])('do not win over %s', async (path, text) => {
    expect(await call(gateway.port, path)).toMatchObject({ status: 200, text });
  });
  it('that can never win are faults of their own, those that take our place are warnings', async () => {
    type Details = { details: { faults: { severity: string; pointer: string }[] } };
    const { details } = (await call(gateway.port, '/actuator/health')).json<Details>();
    expect(details.faults.map(({ severity, pointer }) => `${pointer} ${severity}`).sort()).toEqual([
      '/aliases/0/alias warning',
      '/aliases/1/alias warning',
      '/aliases/2/alias fault',
      '/aliases/3/alias fault',
      '/aliases/4/alias fault',
      '/aliases/5/alias fault',
    ]);
  });
});
