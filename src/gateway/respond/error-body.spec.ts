import { describe, expect, it } from '@jest/globals';
import { anExchange } from '../../../test/support/an-exchange.js';
import { ERRORS, type ErrorName } from '../../errors/error-table.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { refusal } from '../stage.js';
import { answerFault, answerRefusal, errorAnswer, errorBody } from './error-body.js';

describe('the body of an error', () => {
  it('is code, message and request id', () => {
    const view = { status: 404, code: 17002, message: 'no such channel', payload: null };
    expect(errorBody(view, 'id-1')).toBe('{"error":{"code":17002,"message":"no such channel","requestId":"id-1"}}');
  });
  it('has a payload where there is one, as it was written', () => {
    const view = { status: 400, code: 400, message: 'm', payload: '{"n":1.10}' };
    expect(errorBody(view, 'id-1')).toBe(
      '{"error":{"code":400,"message":"m","requestId":"id-1","payload":{"n":1.10}}}',
    );
  });
  it('is JSON whatever message and request id hold', () => {
    const view = { status: 400, code: 400, message: '"\n\u0000\u2028', payload: null };
    expect(JSON.parse(errorBody(view, 'a"\\'))).toEqual({
      error: { code: 400, message: '"\n\u0000\u2028', requestId: 'a"\\' },
    });
  });
  it('goes out as JSON, with its code told to log and metrics', () => {
    const view = { status: 503, code: 17011, message: 'm', payload: null };
    expect(errorAnswer(view, 'id-1', ['A', 'b'])).toEqual({
      kind: 'answer',
      status: 503,
      headers: ['A', 'b'],
      body: errorBody(view, 'id-1'),
      contentType: 'application/json',
      code: 17011,
    });
  });
});

describe('a refusal', () => {
  it.each(Object.keys(ERRORS) as ErrorName[])('%s is answered as the table says', (name) => {
    const exchange = anExchange({ requestId: 'id-1' });
    const answer = answerRefusal(refusal(name), exchange);
    const { status, code, message } = ERRORS[name];
    expect([answer.status, answer.code, JSON.parse(answer.body as string)]).toEqual([
      status,
      code,
      { error: { code, message, requestId: 'id-1' } },
    ]);
    expect(exchange.error).toBe(name);
  });
  it('brings its headers', () => {
    expect(answerRefusal(refusal('METHOD_NOT_ALLOWED', ['Allow', 'GET']), anExchange()).headers).toEqual([
      'Allow',
      'GET',
    ]);
  });
  it('says when to come back', () => {
    const busy = { ...refusal('SYSTEM_BUSY', ['A', 'b']), retryAfterSeconds: 5 };
    expect(answerRefusal(busy, anExchange()).headers).toEqual(['A', 'b', 'Retry-After', '5']);
  });
  it('is frozen, since it is shared by all requests', () => {
    expect(Object.isFrozen(refusal('NOT_FOUND'))).toBe(true);
  });
});

describe('a fault', () => {
  const answered = (fault: unknown) => {
    const exchange = anExchange({ requestId: 'id-1' });
    const answer = answerFault(fault, exchange);
    return { exchange, answer, error: (JSON.parse(answer.body as string) as { error: object }).error };
  };

  it('is answered as the table says', () => {
    const { answer, exchange, error } = answered(new GatewayError('BACKEND_TIMEOUT'));
    expect([answer.status, exchange.error]).toEqual([504, 'BACKEND_TIMEOUT']);
    expect(error).toEqual({ code: 504, message: ERRORS.BACKEND_TIMEOUT.message, requestId: 'id-1' });
  });
  it('keeps its cause for the log, and tells nothing of it to the client', () => {
    const fault = new GatewayError('BACKEND_UNREACHABLE', { cause: new Error('connect ECONNREFUSED 10.0.0.5:8080') });
    const { answer, exchange } = answered(fault);
    expect(exchange.cause).toBe(fault);
    expect(answer.body).not.toContain('10.0.0.5');
  });
  it('that is none of ours is 500, and tells the client nothing but the request id', () => {
    const { answer, exchange, error } = answered(new TypeError('secret of x.y'));
    expect([answer.status, exchange.error]).toEqual([500, 'INTERNAL']);
    expect(error).toEqual({ code: 500, message: ERRORS.INTERNAL.message, requestId: 'id-1' });
  });
  it('that is no error at all is 500 too', () => {
    expect(answered('oops').answer.status).toBe(500);
    expect(answered(undefined).answer.status).toBe(500);
  });
  it("passes a backend's own status as code as well", () => {
    const { answer, error } = answered(new GatewayError('BACKEND_FAILED', { status: 422 }));
    expect([answer.status, answer.code, error]).toEqual([422, 422, expect.objectContaining({ code: 422 })]);
  });
  it('says when to come back', () => {
    const { answer } = answered(new GatewayError('SYSTEM_BUSY', { retryAfterSeconds: 30 }));
    expect(answer.headers).toEqual(['Retry-After', '30']);
  });
});
