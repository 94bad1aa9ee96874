import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel } from '../../../../test/support/an-exchange.js';
import type { Callee, Cancellation, RunnerAnswer, RunnerCall } from '../../../contracts/executor.js';
import { GatewayError } from '../../../errors/gateway.error.js';
import type { CompiledChannel } from '../../resolve/compiled-channel.js';
import { refusal } from '../../stage.js';
import { NOBODY } from './bounded-call.js';
import { ProviderClient, type ProviderRequest } from './provider-client.js';
import { providerRulesOf, type ProviderAction } from './provider-rules.js';

const NOW = 1_700_000_000_000;
const URLS = {
  register: '/register',
  login: '/login/{type}?expiration=60',
  refresh: '/refresh',
  logout: '/logout',
  delete: '/delete',
  custom: '/custom',
  validate: '/validate',
};
const rules = (timeout = 10_000) => providerRulesOf({ channel: 'auth', urls: URLS, timeout }, '/provider').rules!;

const request = (given: Partial<ProviderRequest> = {}): ProviderRequest => ({
  action: 'login',
  type: 'user',
  auth: new Map([
    ['username', 'joe'],
    ['password', 'hunter2'],
  ]),
  bodyText: '{"amount":1.10}',
  requestId: 'r-1',
  traceparent: '00-a-b-01',
  origin: '{"ip":"192.0.2.1"}',
  deadline: Infinity,
  ...given,
});

type Execute = (call: RunnerCall, cancellation: Cancellation) => Promise<RunnerAnswer>;

function clientOf(execute: Execute, takes: Callee['takes'] = 'event', given: Partial<CompiledChannel> = {}) {
  const channel = aCompiledChannel(takes, { id: 'auth', callee: { takes, execute }, ...given });
  const current = { revision: 1, channels: new Map([['auth', channel]]), aliases: null! };
  return new ProviderClient({ current }, { maxAnswerBytes: 1000, now: () => NOW });
}

const answers =
  (body: object, status = 200): Execute =>
  async () => ({ kind: 'event', status, text: JSON.stringify(body) });
const saysError = (error: object) => answers({ payload: {}, result: { status: 'ERROR', error } });

/** The outcome of an action, and the call that was made for it. */
async function outcomeOf(execute: Execute, given: Partial<ProviderRequest> = {}) {
  return clientOf(execute).call(rules(), request(given), NOBODY);
}

async function callOf(takes: Callee['takes'], given: Partial<ProviderRequest> = {}): Promise<RunnerCall> {
  let seen: RunnerCall | null = null;
  const text = '{"payload":{}}';
  const client = clientOf(async (call) => {
    seen = call;
    return { kind: 'event', status: 200, text };
  }, takes);
  await client.call(rules(), request(given), NOBODY);
  return seen!;
}

describe('the event that a provider gets', () => {
  it('holds the credentials in requestMeta.auth and the body of the client in payload.parameters', async () => {
    const call = await callOf('event');
    const text = call.event();
    expect(text).toContain('"payload":{"parameters":{"amount":1.10}}');
    expect(JSON.parse(text)).toEqual({
      requestMeta: {
        id: 'r-1',
        channel: 'auth',
        path: '/login/user',
        method: 'POST',
        branch: 'main',
        origin: { ip: '192.0.2.1' },
        auth: { username: 'joe', password: 'hunter2' },
        claims: {},
        startDT: expect.any(Number),
      },
      sagaMeta: [],
      eventMeta: { parameters: { expiration: '60' }, requestTime: expect.any(Number) },
      payload: { parameters: { amount: 1.1 } },
    });
  });
  it('holds every parameter unchanged, whatever it is called, and takes none as a setting of the runner', async () => {
    const auth = new Map([
      ['__proto__', 'x'],
      ['expiration', '999999'],
    ]);
    const text = (await callOf('event', { auth })).event();
    expect(text).toContain('"auth":{"__proto__":"x","expiration":"999999"}');
    expect(text).toContain('"eventMeta":{"parameters":{"expiration":"60"}');
  });
  it('goes to the path of the action, by POST, once, with request id and trace', async () => {
    const { method, path, encodedPath, requestId, traceparent, attempt } = await callOf('event');
    expect({ method, path, encodedPath, requestId, traceparent, attempt }).toEqual({
      method: 'POST',
      path: '/login/user',
      encodedPath: '/login/user',
      requestId: 'r-1',
      traceparent: '00-a-b-01',
      attempt: 1,
    });
  });
  it('has empty parameters where the client sent no body', async () => {
    expect((await callOf('event', { bodyText: '' })).event()).toContain('"payload":{"parameters":{}}');
  });
  it('has the deadline of the provider, or that of the flow where it is sooner', async () => {
    expect((await callOf('event')).deadline).toBe(NOW + 10_000);
    expect((await callOf('event', { deadline: NOW + 500 })).deadline).toBe(NOW + 500);
  });
});

describe('what a provider over plain HTTP gets', () => {
  it('is the request metadata alone, with the settings in the query', async () => {
    const { body, query, headers } = await callOf('body');
    const metadata = JSON.parse((body as Buffer).toString()) as Record<string, unknown>;
    expect(metadata).toMatchObject({ id: 'r-1', path: '/login/user', auth: { username: 'joe', password: 'hunter2' } });
    expect(metadata).not.toHaveProperty('payload');
    expect([query, headers['content-type']]).toEqual(['expiration=60', 'application/json']);
  });
  it('has no credentials in what goes into a header', async () => {
    expect((await callOf('body')).requestMeta()).not.toContain('hunter2');
  });
});

describe('a provider that answers', () => {
  it('gives tokens and user', async () => {
    const payload = { token: { access_token: 'a' }, user: { id: 'joe' } };
    const outcome = await outcomeOf(answers({ payload }));
    expect(outcome).toMatchObject({ kind: 'answered', answer: { tokens: { accessToken: 'a' }, user: { id: 'joe' } } });
  });
  it.each([
    { http: 401 },
    { http: 403 },
    { code: 401 },
    { code: 403 },
    { code: 10123 },
    { code: 10124 },
    { code: 10125, http: 400 },
  ])('says that the credentials are bad with %j', async (error) => {
    expect((await outcomeOf(saysError(error))).kind).toBe('refused');
    expect((await outcomeOf(saysError(error), { action: 'register' })).kind).toBe('refused');
  });
  it.each([401, 403])('says that the credentials are bad with HTTP status %d', async (status) => {
    expect((await outcomeOf(answers({}, status))).kind).toBe('refused');
  });
  it.each(['register', 'delete', 'custom'] as const)('passes its 400 and 409 of %s as they are', async (action) => {
    const error = { code: 11006, message: 'name is taken', safePayload: { name: 1 } };
    const passed = { kind: 'passed', status: 409, code: 11006, message: 'name is taken', safePayload: '{"name":1}' };
    expect(await outcomeOf(saysError(error), { action })).toEqual(passed);
    expect(await outcomeOf(answers({}, 400), { action })).toMatchObject({ kind: 'passed', status: 400, message: null });
  });
  it.each(['login', 'refresh', 'logout', 'validate'] as const)('fails with 400 or 409 of %s', async (action) => {
    expect(await outcomeOf(answers({}, 400), { action })).toMatchObject({ error: { error: 'BACKEND_FAILED' } });
    expect(await outcomeOf(saysError({ code: 11006 }), { action })).toMatchObject({
      error: { error: 'BACKEND_FAILED' },
    });
  });
  it.each([
    [404, 'BACKEND_FAILED'],
    [422, 'BACKEND_FAILED'],
    [500, 'BACKEND_FAILED'],
    [502, 'BACKEND_FAILED'],
    [503, 'BACKEND_UNAVAILABLE'],
    [504, 'BACKEND_TIMEOUT'],
  ])('fails with status %d as %s', async (status, name) => {
    expect(await outcomeOf(answers({}, status))).toMatchObject({
      kind: 'failed',
      error: { error: name, status: null },
    });
    expect(await outcomeOf(saysError({ http: status }))).toMatchObject({ kind: 'failed', error: { error: name } });
  });
  it('fails where it answers garbage, or too much', async () => {
    const garbage = outcomeOf(async () => ({ kind: 'event', status: 200, text: '<html>' }));
    expect(await garbage).toMatchObject({ kind: 'failed', error: { error: 'ANSWER_UNREADABLE' } });
    const long = outcomeOf(answers({ payload: { text: 'x'.repeat(1000) } }));
    expect(await long).toMatchObject({ kind: 'failed', error: { error: 'ANSWER_TOO_LARGE' } });
  });
});

describe('a provider that does not answer', () => {
  it('fails after the time of the record, and the call ends', async () => {
    let ended = false;
    const client = clientOf((_call, cancellation) => {
      cancellation.onCancel({ cancel: () => void (ended = true) });
      return new Promise(() => undefined);
    });
    expect(await client.call(rules(20), request(), NOBODY)).toMatchObject({
      kind: 'failed',
      error: { error: 'BACKEND_TIMEOUT' },
    });
    expect(ended).toBe(true);
  });
  it('fails when the client goes', async () => {
    let listener: { cancel(): void } | null = null;
    const client = clientOf(() => new Promise(() => undefined));
    const outcome = client.call(rules(), request(), { cancelled: false, onCancel: (to) => void (listener = to) });
    listener!.cancel();
    expect(await outcome).toMatchObject({ kind: 'failed', error: { error: 'BACKEND_BROKE_OFF' } });
    expect(listener).toBeNull();
  });
  it('is not called for a client that has gone', async () => {
    const client = clientOf(() => {
      throw new Error('unplanned');
    });
    const outcome = await client.call(rules(), request(), { cancelled: true, onCancel: () => undefined });
    expect(outcome).toMatchObject({ kind: 'failed', error: { error: 'BACKEND_BROKE_OFF' } });
  });
  it.each([
    ['BACKEND_UNREACHABLE', 'BACKEND_UNREACHABLE'],
    ['NO_INSTANCE', 'NO_INSTANCE'],
    ['BACKEND_TIMEOUT', 'BACKEND_TIMEOUT'],
    ['EXECUTOR_FAILED', 'BACKEND_FAILED'],
  ] as const)('fails with %s as %s', async (thrown, name) => {
    const outcome = await outcomeOf(() => Promise.reject(new GatewayError(thrown)));
    expect(outcome).toMatchObject({ kind: 'failed', error: { error: name } });
  });
});

describe('a provider that is missing', () => {
  const never: Execute = () => Promise.reject(new Error('unplanned'));

  it('has no URL for the action, or one that the type cannot fill', async () => {
    expect(await outcomeOf(never, { action: 'forward' as ProviderAction })).toEqual({ kind: 'missing' });
    expect(await outcomeOf(never, { type: '..' })).toEqual({ kind: 'missing' });
  });
  it('has no channel in force', async () => {
    const out = clientOf(never, 'event', { outOfForce: refusal('CHANNEL_BROKEN') });
    expect(await out.call(rules(), request(), NOBODY)).toEqual({ kind: 'missing' });
    const elsewhere = providerRulesOf({ channel: 'other', urls: URLS }, '/provider').rules!;
    expect(await clientOf(never).call(elsewhere, request(), NOBODY)).toEqual({ kind: 'missing' });
  });
});

describe('what an outcome tells', () => {
  it('never repeats a credential, though the provider does', async () => {
    const message = 'no user joe with hunter2';
    expect(await outcomeOf(saysError({ code: 401, message }))).toMatchObject({ message: 'no user joe with ***' });
    expect(await outcomeOf(saysError({ code: 400, message }), { action: 'register' })).toMatchObject({
      message: 'no user joe with ***',
    });
  });
  it('quotes nothing of what a runner in this process stumbled over', async () => {
    const cause = new SyntaxError('"hunter2" is not valid JSON');
    const outcome = await outcomeOf(() => Promise.reject(new GatewayError('EXECUTOR_FAILED', { cause })));
    expect(outcome.kind === 'failed' && String(outcome.error.cause)).toBe('EXECUTOR_FAILED of SyntaxError');
  });
});
