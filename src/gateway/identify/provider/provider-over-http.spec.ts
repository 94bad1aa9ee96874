import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aCompiledChannel } from '../../../../test/support/an-exchange.js';
import { sendJson, TestBackend } from '../../../../test/support/backend.js';
import type { Target } from '../../../contracts/executor.js';
import { SILENT_EVENTS } from '../../execute/balance/balancer.js';
import { CrudExecutor } from '../../execute/crud.executor.js';
import type { HttpWiring } from '../../execute/http-wiring.js';
import { RpcExecutor } from '../../execute/rpc.executor.js';
import { NOBODY } from './bounded-call.js';
import { ProviderClient, type ProviderRequest } from './provider-client.js';
import { providerRulesOf } from './provider-rules.js';

const WIRING: HttpWiring = {
  hasConsul: false,
  now: () => performance.now(),
  shareOf: (bound) => bound,
  instanceSourceOf: () => {
    throw new Error('unplanned: discovery');
  },
  eventsOf: () => SILENT_EVENTS,
  inForce: new Set(),
};

let backend: TestBackend;
const targets: Target[] = [];

beforeAll(async () => {
  backend = await TestBackend.start();
});
beforeEach(() => void backend.seen.splice(0));
afterAll(async () => {
  await Promise.all(targets.map((target) => target.close()));
  await backend.close();
});

function clientOver(executor: 'rpc' | 'crud', url = backend.url): ProviderClient {
  const parameters = new Map([['server.baseUrl', url]]);
  const context = { name: 'auth', key: executor + url, maxBufferedBytes: 10_000 };
  const target = (executor === 'rpc' ? new RpcExecutor(WIRING) : new CrudExecutor(WIRING)).prepare(parameters, context);
  targets.push(target);
  const callee = target.bind({ channel: 'auth', target: '/auth', method: null, allowedRunnerHeaders: new Set() });
  const channel = aCompiledChannel(callee.takes, { id: 'auth', callee });
  const current = { revision: 1, channels: new Map([['auth', channel]]), aliases: null! };
  return new ProviderClient({ current }, { maxAnswerBytes: 10_000, now: Date.now });
}

function rules(timeout = 5000) {
  return providerRulesOf({ channel: 'auth', urls: { login: '/login/{type}?noTokens=true' }, timeout }, '/provider')
    .rules!;
}
const LOGIN: ProviderRequest = {
  action: 'login',
  type: 'us er',
  auth: new Map([['password', 'hunter2']]),
  bodyText: '{}',
  requestId: 'r-1',
  traceparent: '00-a-b-01',
  origin: '{}',
  deadline: Infinity,
};

describe('a provider over rpc', () => {
  it('gets an event at the path of the action, and answers with one', async () => {
    backend.handler = (_request, response) => sendJson(response, '{"payload":{"token":{"access_token":"a"}}}');
    const outcome = await clientOver('rpc').call(rules(), LOGIN, NOBODY);
    expect(outcome).toMatchObject({ kind: 'answered', answer: { tokens: { accessToken: 'a' } } });
    expect(backend.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /auth/login/us%20er']);
    expect(backend.lastEvent().requestMeta.auth).toEqual({ password: 'hunter2' });
  });
});

describe('a provider over crud', () => {
  it('gets the request metadata alone, and answers with them', async () => {
    backend.handler = ({ body }, response) => {
      const metadata = JSON.parse(body) as { auth: object };
      sendJson(
        response,
        JSON.stringify({ ...metadata, auth: { ...metadata.auth, access_token: 'a' }, user: { id: 'joe' } }),
      );
    };
    const outcome = await clientOver('crud').call(rules(), LOGIN, NOBODY);
    expect(outcome).toMatchObject({ kind: 'answered', answer: { tokens: { accessToken: 'a' }, user: { id: 'joe' } } });
    expect(backend.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /auth/login/us%20er?noTokens=true',
    ]);
  });
  it('gets credentials in no header', async () => {
    await clientOver('crud').call(rules(), LOGIN, NOBODY);
    const metadata = Buffer.from(String(backend.seen[0]!.headers.request_metadata), 'base64').toString();
    expect(JSON.parse(metadata)).toMatchObject({ id: 'r-1', path: '/login/us er' });
    expect(metadata).not.toContain('hunter2');
  });
});

describe.each(['rpc', 'crud'] as const)('a provider over %s that is not well', (executor) => {
  const failure = async (timeout?: number) => {
    const outcome = await clientOver(executor).call(rules(timeout), LOGIN, NOBODY);
    return outcome.kind === 'failed' ? outcome.error.error : outcome.kind;
  };

  it('answers HTML', async () => {
    backend.handler = (_request, response) => void response.end('<html>maintenance</html>');
    expect(await failure()).toBe('ANSWER_UNREADABLE');
  });
  it('answers nothing', async () => {
    backend.handler = (_request, response) => void response.end();
    expect(await failure()).toBe('ANSWER_UNREADABLE');
  });
  it('answers too much', async () => {
    backend.handler = (_request, response) =>
      sendJson(response, JSON.stringify({ payload: { text: 'x'.repeat(20_000) } }));
    expect(await failure()).toBe('ANSWER_TOO_LARGE');
  });
  it('answers 500', async () => {
    backend.handler = (_request, response) => sendJson(response, '{"error":"hunter2"}', 500);
    expect(await failure()).toBe('BACKEND_FAILED');
  });
  it('is silent', async () => {
    backend.handler = () => undefined;
    expect(await failure(50)).toBe('BACKEND_TIMEOUT');
  });
  it('begins an answer and does not end it', async () => {
    backend.handler = (_request, response) => void response.write('{"payload":');
    expect(await failure(50)).toBe('BACKEND_TIMEOUT');
  });
  it('breaks off', async () => {
    backend.handler = (_request, response) => {
      response.write('{"payload":');
      setImmediate(() => response.destroy());
    };
    expect(await failure()).toBe('BACKEND_BROKE_OFF');
  });
  it('is gone', async () => {
    const other = await TestBackend.start();
    const { url } = other;
    await other.close();
    const outcome = await clientOver(executor, url).call(rules(), LOGIN, NOBODY);
    expect(outcome).toMatchObject({ kind: 'failed', error: { error: 'BACKEND_UNREACHABLE' } });
  });
});
