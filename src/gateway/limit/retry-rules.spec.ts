import { describe, expect, it } from '@jest/globals';
import { anExchange } from '../../../test/support/an-exchange.js';
import type { RetryRule } from '../../contracts/records.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { jsonAnswer, type Answer } from '../stage.js';
import { answerOutcome, faultOutcome, isFailure, type CallOutcome } from './call-outcome.js';
import { RetryRules } from './retry-rules.js';

const takes = (outcome: CallOutcome, record: RetryRule = {}): boolean =>
  RetryRules.of({ retryCount: 1, ...record })!.takes(outcome);
const fault = (...given: ConstructorParameters<typeof GatewayError>): CallOutcome =>
  faultOutcome(new GatewayError(...given), anExchange());
const answered = (status: number): CallOutcome => answerOutcome(jsonAnswer(status, '{}'), anExchange());
const eventError = (code: number, status: number, message = 'no'): CallOutcome => {
  const exchange = anExchange();
  exchange.error = 'RUNNER_ERROR';
  const answer: Answer = { ...jsonAnswer(status, `{"error":{"code":${code},"message":"${message}"}}`), code };
  return answerOutcome(answer, exchange);
};

describe('a retry without a filter', () => {
  it.each([
    ['no connection', fault('BACKEND_UNREACHABLE')],
    ['a connection that broke off', fault('BACKEND_BROKE_OFF')],
    ['a timeout', fault('BACKEND_TIMEOUT')],
    ['a 5xx of an rpc runner', fault('BACKEND_FAILED', { status: 503 })],
    ['an answer that cannot be read', fault('ANSWER_UNREADABLE')],
    ['a 5xx of a crud runner', answered(500)],
    ["an event's error", eventError(11001, 409)],
  ])('takes %s', (_, outcome) => expect(takes(outcome)).toBe(true));
  it.each([
    ['a good answer', answered(200)],
    ['a 4xx of a crud runner', answered(404)],
    ['a 4xx of an rpc runner', fault('BACKEND_FAILED', { status: 404 })],
  ])('does not take %s', (_, outcome) => expect(takes(outcome)).toBe(false));
});

describe('a retry with a filter', () => {
  it('takes what any one of its parts names, and nothing else', () => {
    const filter = { errorCodes: [11001], httpStatusCodes: [429], errorTexts: ['deadlock'] };
    expect(takes(eventError(11001, 409), { filter })).toBe(true);
    expect(takes(answered(429), { filter })).toBe(true);
    expect(takes(eventError(500, 500, 'a deadlock was found'), { filter })).toBe(true);
    expect(takes(eventError(500, 500, 'something else'), { filter })).toBe(false);
    expect(takes(fault('BACKEND_TIMEOUT'), { filter })).toBe(false);
  });
  it('finds its texts in what failed on the way', () => {
    const reset = fault('BACKEND_BROKE_OFF', { cause: new Error('read ECONNRESET') });
    expect(takes(reset, { filter: { errorTexts: ['ECONNRESET'] } })).toBe(true);
  });
  it('does not look for its texts in a good answer', () => {
    const answer = answerOutcome(jsonAnswer(200, '{"title":"deadlock"}'), anExchange());
    expect(takes(answer, { filter: { errorTexts: ['deadlock'] } })).toBe(false);
  });
  it('without anything in it is none', () => {
    expect(takes(fault('BACKEND_TIMEOUT'), { filter: { errorCodes: [], errorTexts: [''] } })).toBe(true);
  });
  it('never takes what went well', () => {
    expect(takes(answered(200), { filter: { httpStatusCodes: [200] } })).toBe(false);
  });
});

describe('a retry of unsent calls only', () => {
  it('takes what never reached the backend', () => {
    expect(takes(fault('BACKEND_UNREACHABLE'), { onlyUnsent: true })).toBe(true);
    expect(takes(fault('BACKEND_TIMEOUT', { isUnsent: true }), { onlyUnsent: true })).toBe(true);
  });
  it('takes nothing that may have', () => {
    expect(takes(fault('BACKEND_TIMEOUT'), { onlyUnsent: true })).toBe(false);
    expect(takes(answered(500), { onlyUnsent: true })).toBe(false);
  });
});

describe('no retry at all', () => {
  it('is a rule without a count', () => {
    expect([RetryRules.of(undefined), RetryRules.of({}), RetryRules.of({ retryCount: 0 })]).toEqual([null, null, null]);
  });
});

describe('a failure, as a breaker counts', () => {
  it.each([
    ['a 5xx', answered(503), true],
    ["an event's error of 500", eventError(500, 500), true],
    ['an answer that cannot be read', fault('ANSWER_UNREADABLE'), true],
    ['no connection', fault('BACKEND_UNREACHABLE'), true],
    ['a 4xx', answered(404), false],
    ["an event's 4xx", eventError(11006, 409), false],
  ])('%s: %#', (_, outcome, failed) => expect(isFailure(outcome)).toBe(failed));
  it('is nothing that the gateway held back, or that the client broke off', () => {
    const gone = anExchange();
    gone.cancel();
    expect(fault('SYSTEM_BUSY').isOurs && fault('NO_INSTANCE').isOurs).toBe(true);
    expect(fault('BODY_BROKEN_OFF').isOurs).toBe(true);
    expect(faultOutcome(new GatewayError('BACKEND_BROKE_OFF'), gone).isOurs).toBe(true);
    expect(fault('BACKEND_TIMEOUT').isOurs).toBe(false);
  });
});
