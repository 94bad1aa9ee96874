import { describe, expect, it } from '@jest/globals';
import { aCompiledChannel, anExchange, aRule, someOptions, unplanned } from '../../test/support/an-exchange.js';
import type { RunnerAnswer } from '../contracts/executor.js';
import { GatewayError } from '../errors/gateway.error.js';
import type { Exchange } from './exchange.js';
import type { RequestFamily } from './families/request.family.js';
import { admit, Pipeline } from './pipeline.js';
import type { CompiledRule } from './resolve/compiled-channel.js';
import { jsonAnswer, refusal, type Stage, type Verdict } from './stage.js';

const NO = refusal('TOKEN_MISSING');
const stage = (name: string, run: () => Verdict | Promise<Verdict>): Stage => ({ name, run });
const never = stage('never', () => unplanned('a later stage'));

describe('admission', () => {
  it('is over where no stage has anything to say', () => {
    expect(admit([stage('a', () => null), stage('b', () => null)], anExchange())).toBeNull();
    expect(admit([], anExchange())).toBeNull();
  });
  it('ends with the first stage that has', () => {
    expect(admit([stage('a', () => null), stage('b', () => NO), never], anExchange())).toBe(NO);
  });
  it('waits for a stage only where it must, and goes on in order', async () => {
    const order: string[] = [];
    const noted = (name: string, waits: boolean): Stage =>
      stage(name, () => (order.push(name), waits ? Promise.resolve(null) : null));
    await admit([noted('a', false), noted('b', true), noted('c', false), noted('d', true)], anExchange());
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });
  it('ends with a refusal that it waited for', async () => {
    expect(await admit([stage('a', () => Promise.resolve(NO)), never], anExchange())).toBe(NO);
  });
});

interface Planned {
  readonly resolved?: Verdict;
  readonly rule?: Partial<CompiledRule>;
  readonly read?: Verdict;
  readonly answer?: () => Promise<RunnerAnswer>;
  readonly keepsTries?: boolean;
}

/** Runs one request through a pipeline whose parts do what the test plans. */
async function run(planned: Planned, prepare: (exchange: Exchange) => void = () => undefined) {
  const exchange = anExchange({ method: 'POST', requestId: 'id-1' });
  prepare(exchange);
  const order: string[] = [];
  const traceparents: string[] = [];
  const family = {
    resolve: () => {
      order.push('resolve');
      exchange.rule = aRule(planned.rule);
      exchange.channel = aCompiledChannel('event', {
        callee: {
          takes: 'event',
          execute: async ({ traceparent }) => {
            order.push('execute');
            traceparents.push(traceparent);
            return (planned.answer ?? unplanned('a call'))();
          },
        },
      });
      return planned.resolved ?? null;
    },
    read: () => {
      order.push('read');
      return planned.read ?? null;
    },
  } as unknown as RequestFamily;
  const keepsTries = planned.keepsTries ?? false;
  const eyes = { ignoredOrigin: () => unplanned('an origin'), wantsDetail: () => false, keepsTries };
  new Pipeline(someOptions(), eyes, ['X-Plain', '1']).run(exchange, family);
  while (exchange.reply.answer === null) await new Promise((done) => setImmediate(done));
  return { exchange, order, traceparents, answer: exchange.reply.answer, headers: exchange.reply.headers };
}
const event = (text: string) => async (): Promise<RunnerAnswer> => ({ kind: 'event', status: 200, text });

describe('a request', () => {
  it('is resolved, admitted, read, executed and answered, in this order', async () => {
    const { answer, order, exchange } = await run({ answer: event('{"payload":{"a":1}}') });
    expect([order, answer.status, answer.body, exchange.attempts]).toEqual([
      ['resolve', 'read', 'execute'],
      200,
      '{"a":1}',
      1,
    ]);
  });
  it('that is not resolved goes no further', async () => {
    const { answer, order } = await run({ resolved: refusal('CHANNEL_UNKNOWN') });
    expect([order, answer.status]).toEqual([['resolve'], 404]);
  });
  it('that is not admitted is not read', async () => {
    const { answer, order } = await run({ rule: { admission: [stage('a', () => NO)] } });
    expect([order, answer.status]).toEqual([['resolve'], 401]);
  });
  it('that is not admitted after a wait is not read either', async () => {
    const { answer, order } = await run({ rule: { admission: [stage('a', () => Promise.resolve(NO))] } });
    expect([order, answer.status]).toEqual([['resolve'], 401]);
  });
  it('whose body is refused calls nobody', async () => {
    const { answer, order } = await run({ read: refusal('BODY_NOT_JSON') });
    expect([order, answer.status]).toEqual([['resolve', 'read'], 400]);
  });
  it('may be answered by a stage', async () => {
    const { answer } = await run({ rule: { admission: [stage('a', () => jsonAnswer(202, '{}'))] } });
    expect(answer.status).toBe(202);
  });
  it('whose client has gone calls nobody', async () => {
    const { exchange, order } = await run({}, (one) => one.cancel());
    expect([order, exchange.error]).toEqual([['resolve', 'read'], 'BACKEND_BROKE_OFF']);
  });
});

describe('a fault', () => {
  it('of the runner is answered in one place', async () => {
    const { answer, exchange } = await run({ answer: () => Promise.reject(new GatewayError('BACKEND_TIMEOUT')) });
    expect([answer.status, exchange.error]).toEqual([504, 'BACKEND_TIMEOUT']);
  });
  it('of our own is 500, without its text', async () => {
    const { answer } = await run({ answer: () => Promise.reject(new TypeError('x of undefined')) });
    expect([answer.status, answer.body]).toEqual([500, expect.not.stringContaining('undefined')]);
  });
  it('in a stage that waits is answered too', async () => {
    const { answer } = await run({ rule: { admission: [stage('a', () => Promise.reject(new Error('no')))] } });
    expect(answer.status).toBe(500);
  });
  it('has the time of its call noted', async () => {
    const { exchange } = await run({ answer: () => Promise.reject(new GatewayError('BACKEND_TIMEOUT')) });
    expect(exchange.calledTill).toBeGreaterThanOrEqual(exchange.calledAt);
    expect(exchange.calledAt).toBeGreaterThan(0);
  });
});

describe('the tries of a call', () => {
  const BROKEN = () => Promise.reject(new GatewayError('BACKEND_TIMEOUT'));

  it('are not kept where nobody wants spans', async () => {
    const { exchange } = await run({ answer: event('{}') });
    expect(exchange.tries).toBeNull();
  });
  it('are not kept of a trace that is not sampled', async () => {
    const { exchange } = await run({ answer: event('{}'), keepsTries: true }, (one) => {
      one.knownTrace = { ...one.trace, sampled: false };
    });
    expect(exchange.tries).toBeNull();
  });
  it('have a span, times and the status of the answer', async () => {
    const { exchange } = await run({ answer: event('{}'), keepsTries: true });
    expect(exchange.tries).toEqual([
      {
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        startedAt: exchange.calledAt,
        endedAt: exchange.calledTill,
        status: 200,
        error: null,
        instance: null,
        times: 0,
      },
    ]);
    expect(exchange.tries![0]!.spanId).not.toBe(exchange.trace.spanId);
  });
  it('have the name of what went wrong', async () => {
    const { exchange } = await run({ answer: BROKEN, keepsTries: true });
    expect(exchange.tries).toMatchObject([{ status: null, error: 'BACKEND_TIMEOUT', endedAt: exchange.calledTill }]);
  });
  it('name a fault of our own INTERNAL', async () => {
    const { exchange } = await run({ answer: () => Promise.reject(new TypeError('no')), keepsTries: true });
    expect(exchange.tries).toMatchObject([{ error: 'INTERNAL' }]);
  });
  it('tell the runner their own span', async () => {
    const { exchange, traceparents } = await run({ answer: event('{}'), keepsTries: true });
    expect(traceparents).toEqual([`00-${exchange.trace.traceId}-${exchange.tries![0]!.spanId}-01`]);
  });
  it('tell the runner the span of the request where they have none', async () => {
    const { exchange, traceparents } = await run({ answer: event('{}') });
    expect(traceparents).toEqual([`00-${exchange.trace.traceId}-${exchange.trace.spanId}-01`]);
  });
});

describe('headers of an answer', () => {
  const own = { headers: ['Cache-Control', 'no-store'], ownHeaders: new Set(['cache-control']) };

  it('are those of the rule', async () => {
    const { headers } = await run({ rule: own, answer: event('{}') });
    expect(headers).toEqual(['Cache-Control', 'no-store']);
  });
  it("have the gateway's own win over those of an event", async () => {
    const text = '{"payload":{"_response":{"headers":{"Cache-Control":"max-age=1","ETag":"x"}}}}';
    expect((await run({ rule: own, answer: event(text) })).answer.headers).toEqual(['etag', 'x']);
  });
  it("have the gateway's own win over those of a crud runner", async () => {
    const whole = Buffer.from('x');
    const no = () => unplanned('a use of the body');
    const body = { whole: () => whole, deliver: no, resume: no, cancel: no };
    const headers = ['cache-control', 'max-age=1', 'etag', 'x'];
    const { answer } = await run({ rule: own, answer: async () => ({ kind: 'stream', status: 200, headers, body }) });
    expect(answer).toMatchObject({ status: 200, headers: ['etag', 'x'], body });
  });
});
