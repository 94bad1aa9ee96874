import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel } from '../../../../test/support/an-exchange.js';
import type { Callee, RunnerCall } from '../../../contracts/executor.js';
import { GatewayError } from '../../../errors/gateway.error.js';
import { SessionClient, type SessionOutcome } from './session-client.js';
import { sessionRulesOf } from './session-rules.js';

const NOW = 1_700_000_000_000;
const RULES = sessionRulesOf(
  {
    channel: 'sessions',
    urls: {
      touch: '/{type}',
      extend: '/{type}/extend/{originKey}',
      extendList: '/{type}/extend',
      stitch: '/{type}/stitch?stitchPriority=new',
      expire: '/{type}/expire/{originKey}/{sessionId}',
    },
  },
  '',
).rules!;
const JOE = { type: 'user', id: 'joe@example.org' };
const GUEST = { type: 'anonymous', id: 'g1' };
const CONTEXT = { requestId: 'r-1', traceparent: '00-a-b-01', timeoutMs: 1000 };

type Act = (client: SessionClient) => Promise<SessionOutcome>;
const touch: Act = (client) => client.touch(RULES, JOE, CONTEXT);
const extend: Act = (client) => client.extend(RULES, JOE, CONTEXT);
const extendList: Act = (client) => client.extendList(RULES, [JOE, { type: 'user', id: '2' }], CONTEXT);
const stitch: Act = (client) => client.stitch(RULES, JOE, GUEST, CONTEXT);
const expire: Act = (client) => client.expire(RULES, JOE, 's 1', CONTEXT);

const GOOD = `{"payload":{"session":{"id":"s1","expire":${NOW + 60_000}}}}`;

async function asked(
  act: Act,
  answer: string | Error = GOOD,
  given: { takes?: Callee['takes']; status?: number } = {},
) {
  const { takes = 'event', status = 200 } = given;
  let call: RunnerCall | null = null;
  const callee: Callee = {
    takes,
    execute: async (made) => {
      call = made;
      if (answer instanceof Error) throw answer;
      return { kind: 'event', status, text: answer };
    },
  };
  const channels = new Map([['sessions', aCompiledChannel(takes, { id: 'sessions', callee })]]);
  const client = new SessionClient(
    { current: { revision: 1, channels, aliases: null! } },
    { maxAnswerBytes: 1000, now: () => NOW },
  );
  const outcome = await act(client);
  return { outcome, call: call! };
}

interface Sent {
  readonly requestMeta: Record<string, unknown>;
  readonly payload: { readonly parameters: unknown };
  readonly eventMeta: { readonly parameters: unknown };
}
async function event(act: Act) {
  const { call } = await asked(act);
  const { requestMeta, payload, eventMeta } = JSON.parse(call.event()) as Sent;
  return {
    path: call.encodedPath,
    origin: requestMeta.origin,
    parameters: payload.parameters,
    settings: eventMeta.parameters,
  };
}
async function plain(act: Act) {
  const { call } = await asked(act, GOOD, { takes: 'body' });
  const { body } = call;
  return { method: call.method, path: call.encodedPath, body: body === null ? null : (body as Buffer).toString() };
}

describe('a session server that takes events', () => {
  it('is told the origin by touch and extend', async () => {
    expect(await event(touch)).toEqual({ path: '/user', origin: JOE, parameters: {}, settings: {} });
    expect(await event(extend)).toMatchObject({
      path: '/user/extend/user-joe%40example.org',
      origin: JOE,
      parameters: {},
    });
  });
  it('is told a list of origin keys by extendList', async () => {
    const parameters = { list: ['user-joe@example.org', 'user-2'] };
    expect(await event(extendList)).toMatchObject({ path: '/user/extend', origin: {}, parameters });
  });
  it('is told the new origin with the old one in its parameters by stitch', async () => {
    const origin = { ...JOE, parameters: { oldId: 'g1', oldType: 'anonymous' } };
    const settings = { stitchPriority: 'new' };
    expect(await event(stitch)).toEqual({ path: '/user/stitch', origin, parameters: {}, settings });
  });
  it('is told origin key and session by expire', async () => {
    const parameters = { originKey: 'user-joe@example.org', sessionId: 's 1' };
    expect(await event(expire)).toMatchObject({
      path: '/user/expire/user-joe%40example.org/s%201',
      origin: {},
      parameters,
    });
  });
  it('is called at the type that a flow names', async () => {
    const { call } = await asked((client) => client.touch(RULES, JOE, { ...CONTEXT, urlType: 'partner' }));
    expect(call.path).toBe('/partner');
  });
  it('gets no credentials', async () => {
    expect((await asked(touch)).call.event()).not.toContain('"auth"');
  });
});

describe('a session server over plain HTTP', () => {
  it('gets the origin itself by touch and stitch', async () => {
    expect(await plain(touch)).toEqual({ method: 'POST', path: '/user', body: JSON.stringify(JOE) });
    const { body } = await plain(stitch);
    expect(JSON.parse(body!)).toEqual({ ...JOE, parameters: { oldId: 'g1', oldType: 'anonymous' } });
  });
  it('gets an array of origin keys by extendList', async () => {
    expect((await plain(extendList)).body).toBe('["user-joe@example.org","user-2"]');
  });
  it('gets no body by extend and expire', async () => {
    expect([(await plain(extend)).body, (await plain(expire)).body]).toEqual([null, null]);
  });
});

describe('the answer of a session server', () => {
  const session = async (answer: string, act = touch) => (await asked(act, answer)).outcome;

  it.each([
    GOOD,
    `{"payload":{"id":"s1","expire":${NOW + 60_000}}}`,
    `{"session":{"id":"s1","expire":"${NOW + 60_000}"}}`,
    `{"id":"s1","expire":${NOW + 60_000}}`,
  ])('tells id and end of the session: %s', async (answer) => {
    expect(await session(answer)).toEqual({ kind: 'answered', session: { id: 's1', expiresAtMs: NOW + 60_000 } });
  });
  it('counts for a minute where it does not tell the end', async () => {
    expect(await session('{"id":"s1"}')).toMatchObject({ session: { expiresAtMs: NOW + 60_000 } });
  });
  it.each(['{}', '{"payload":{"session":{}}}', '{"id":""}', '<html>', '', '[]'])(
    'fails a touch and a stitch with %j',
    async (answer) => {
      for (const act of [touch, stitch])
        expect(await session(answer, act)).toMatchObject({ kind: 'failed', error: { error: 'ANSWER_UNREADABLE' } });
    },
  );
  it('need not tell of a session elsewhere', async () => {
    for (const act of [extend, extendList, expire])
      expect(await session('{"payload":{}}', act)).toEqual({ kind: 'answered', session: null });
  });
  it.each([
    [400, 'refused'],
    [409, 'refused'],
    [401, 'failed'],
    [404, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ])('with status %d is %s', async (status, kind) => {
    expect((await asked(touch, '{}', { status })).outcome.kind).toBe(kind);
  });
  it('that a session has ended is no failure of the server', async () => {
    const ended = '{"payload":{},"result":{"error":{"code":11005,"message":"no session"}}}';
    const { outcome } = await asked(extend, ended);
    expect(outcome).toMatchObject({ kind: 'refused', status: 404 });
  });
  it('that does not come is a failure', async () => {
    const { outcome } = await asked(touch, new GatewayError('BACKEND_UNREACHABLE'));
    expect(outcome).toMatchObject({ kind: 'failed', error: { error: 'BACKEND_UNREACHABLE' } });
  });
});

describe('a session server that is missing', () => {
  it('has no URL for the action, or no channel in force', async () => {
    const bare = sessionRulesOf({ channel: 'sessions' }, '').rules!;
    expect((await asked((client) => client.touch(bare, JOE, CONTEXT))).outcome).toEqual({ kind: 'missing' });
    const elsewhere = { ...RULES, channel: 'other' };
    expect((await asked((client) => client.touch(elsewhere, JOE, CONTEXT))).outcome).toEqual({ kind: 'missing' });
  });
});
