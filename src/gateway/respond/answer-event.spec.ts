import { describe, expect, it } from '@jest/globals';
import { anExchange } from '../../../test/support/an-exchange.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { answerEvent, type EventAnswerRules } from './answer-event.js';

const RULES: EventAnswerRules = { returnsErrorPayload: false, allowedRunnerHeaders: new Set() };
const exchange = () => anExchange({ requestId: 'id-1' });
const answered = (text: string, rules: Partial<EventAnswerRules> = {}, status = 200) =>
  answerEvent(text, status, exchange(), { ...RULES, ...rules });
const body = (text: string) => answered(text).body;
function failure(text: string, status = 200): { name: string; status: number | null } {
  try {
    const answer = answered(text, {}, status);
    throw new Error(`unplanned: status ${answer.status}`);
  } catch (error) {
    if (error instanceof GatewayError) return { name: error.error, status: error.status };
    throw error;
  }
}
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('the answer of a runner that is an event', () => {
  it('is its payload without parameters', () => {
    expect(body('{"payload":{"parameters":{"a":1},"list":[1],"n":2}}')).toBe('{"list":[1],"n":2}');
  });
  it('is the content of parameters where nothing else is left, so that an empty flow echoes', () => {
    expect(body('{"requestMeta":{},"payload":{"parameters":{"a":1}}}')).toBe('{"a":1}');
    expect(body('{"payload":{"parameters":[1]}}')).toBe('[1]');
  });
  it('is {} where the payload is empty or not there', () => {
    expect([body('{"payload":{}}'), body('{"requestMeta":{}}'), body('{"requestMeta":null,"payload":1}')]).toEqual([
      '{}',
      '{}',
      '{}',
    ]);
  });
  it('keeps numbers and spaces as they were written', () => {
    expect(body('{"payload":{"id": 9007199254740993, "parameters":{}, "p" : 1.10}}')).toBe(
      '{"id": 9007199254740993,"p" : 1.10}',
    );
  });
  it('may hold an error in its payload, which is data', () => {
    const text = '{"payload":{"jsonrpc":"2.0","error":{"code":-32601}},"result":{"status":"SUCCESS"}}';
    const answer = answered(text);
    expect([answer.status, answer.body]).toEqual([200, '{"jsonrpc":"2.0","error":{"code":-32601}}']);
  });
  it('is taken for one by an object payload, or by requestMeta', () => {
    expect(body('{"payload":{"a":1},"other":2}')).toBe('{"a":1}');
    expect(body('{"requestMeta":{},"other":2}')).toBe('{}');
  });
  it('has the last of two payloads count', () => {
    expect(body('{"payload":{"a":1},"payload":{"b":2}}')).toBe('{"b":2}');
  });
  it('may be nested as deep as a client may nest', () => {
    expect(body(`{"payload":{"parameters":${nested(256)}}}`)).toBe(nested(256));
    expect(failure(`{"payload":{"parameters":${nested(257)}}}`).name).toBe('ANSWER_UNREADABLE');
  });
});

describe('any other JSON of a runner', () => {
  it.each(['[1]', '1.10', '"text"', 'null', '{"list":[]}', '{"payload":1}', '{"payload":[1]}', ' {"a" : 1} '])(
    'is returned as it is: %s',
    (text) => {
      expect(answered(text)).toMatchObject({ status: 200, body: text, contentType: 'application/json', code: null });
    },
  );
  it.each(['', '{', '<html>', '{"payload":{}', '{} x', '\ufeff'])('that is none is 502 with 17011: %j', (text) => {
    expect(failure(text).name).toBe('ANSWER_UNREADABLE');
  });
});

describe('an event with an error', () => {
  const errorOf = (error: string, rules: Partial<EventAnswerRules> = {}, more = ''): Record<string, unknown> => {
    const answer = answered(`{"payload":{"a":1},"result":{"error":${error}${more}}}`, rules);
    const { error: told } = JSON.parse(answer.body as string) as { error: Record<string, unknown> };
    return { status: answer.status, ...told };
  };

  it('is answered with its code and message, and the status of the code', () => {
    expect(errorOf('{"code":11005,"message":"no such record"}')).toEqual({
      status: 404,
      code: 11005,
      message: 'no such record',
      requestId: 'id-1',
    });
  });
  it.each(['http', 'errorHttp', 'httpStatus'])('has the status that %s wishes', (name) => {
    expect(errorOf(`{"code":11005,"${name}":409}`)).toMatchObject({ status: 409, code: 11005 });
    expect(errorOf(`{"code":11005,"${name}":"409"}`)).toMatchObject({ status: 409 });
  });
  it.each([200, 302, 399, 600, 0])('does not have the status %s that it wishes, which is no error', (http) => {
    expect(errorOf(`{"code":11005,"http":${http}}`).status).toBe(404);
  });
  it('has 500 where there is no code', () => {
    expect(errorOf('{"message":"m"}')).toMatchObject({ status: 500, code: 500 });
    expect(errorOf('{"code":"x"}')).toMatchObject({ status: 500, code: 500 });
    expect(errorOf('{"code":1.5}')).toMatchObject({ status: 500, code: 500 });
  });
  it('may write its code as text', () => {
    expect(errorOf('{"code":"11005"}')).toMatchObject({ status: 404, code: 11005 });
  });
  it('has a message of ours where it has none', () => {
    expect(errorOf('{"code":400}').message).toBe('the runner reports an error');
    expect(errorOf('{"code":400,"message":{"a":1}}').message).toBe('the runner reports an error');
  });
  it('tells its payload only where the rule returns it', () => {
    const error = '{"code":400,"payload":{"n":1.10}}';
    expect(errorOf(error)).not.toHaveProperty('payload');
    expect(errorOf(error, { returnsErrorPayload: true }).payload).toEqual({ n: 1.1 });
  });
  it('tells its safePayload always, as payload', () => {
    expect(errorOf('{"code":400,"safePayload":{"field":"a"}}').payload).toEqual({ field: 'a' });
    expect(errorOf('{"code":400,"safePayload":1,"payload":2}').payload).toBe(1);
    expect(errorOf('{"code":400,"safePayload":1,"payload":2}', { returnsErrorPayload: true }).payload).toBe(2);
    expect(errorOf('{"code":400,"safePayload":1}', { returnsErrorPayload: true }).payload).toBe(1);
  });
  it('keeps the numbers of a payload as they were written', () => {
    const text = '{"requestMeta":{},"result":{"error":{"code":400,"safePayload":{"n":1.10}}}}';
    expect(answered(text).body).toContain('"payload":{"n":1.10}');
  });
  it('may nest its payload as deep as any answer', () => {
    expect(errorOf(`{"code":400,"safePayload":${nested(255)}}`).status).toBe(400);
  });
  it('is an error though its HTTP status is 200, and though its status says SUCCESS', () => {
    expect(errorOf('{"code":400}', {}, ',"status":"SUCCESS"').status).toBe(400);
  });
  it('keeps its status though the HTTP status around it says another', () => {
    expect(answered('{"requestMeta":{},"result":{"error":{"code":11006}}}', {}, 500)).toMatchObject({
      status: 409,
      code: 11006,
    });
  });
  it('is told to log and metrics by its code', () => {
    const one = exchange();
    const answer = answerEvent('{"requestMeta":{},"result":{"error":{"code":11006}}}', 200, one, RULES);
    expect([answer.code, one.error]).toEqual([11006, 'RUNNER_ERROR']);
  });
});

describe('an event whose status is ERROR', () => {
  it('is 500, though it says no more', () => {
    const answer = answered('{"payload":{"a":1},"result":{"status":"ERROR"}}');
    expect([answer.status, answer.code]).toEqual([500, 500]);
    expect(answered('{"payload":{},"result":{"status":"ERROR","error":null}}').status).toBe(500);
  });
});

describe('an event that reports no error', () => {
  it.each(['{}', '{"status":"SUCCESS"}', '{"status":"WAITING"}', '{"error":null}', 'null', '"ERROR"', '1'])(
    'with result %s is a good answer',
    (result) => {
      expect(answered(`{"payload":{"a":1},"result":${result}}`)).toMatchObject({ status: 200, body: '{"a":1}' });
    },
  );
});

describe('an HTTP error of an rpc runner without an event in it', () => {
  it.each([
    [400, 'BACKEND_FAILED', 400],
    [404, 'BACKEND_FAILED', 404],
    [429, 'BACKEND_FAILED', 429],
    [499, 'BACKEND_FAILED', 499],
    [500, 'BACKEND_FAILED', null],
    [501, 'BACKEND_FAILED', null],
    [502, 'BACKEND_FAILED', null],
    [503, 'BACKEND_UNAVAILABLE', null],
    [504, 'BACKEND_TIMEOUT', null],
    [302, 'BACKEND_FAILED', null],
  ])('%s is %s, status %s', (http, name, status) => {
    for (const text of ['{"message":"secret"}', '<html>', '', '[1]'])
      expect(failure(text, http)).toEqual({ name, status });
  });
  it('is not hidden by an event that reports none', () => {
    expect(failure('{"payload":{"a":1}}', 500).name).toBe('BACKEND_FAILED');
  });
});

describe('payload._response', () => {
  const text = (response: string) => `{"payload":{"a":1,"_response":${response}}}`;

  it('sets the status, and is not in the body', () => {
    expect(answered(text('{"status":201}'))).toMatchObject({ status: 201, body: '{"a":1}' });
  });
  it('sets headers that a crud runner could set', () => {
    expect(answered(text('{"headers":{"ETag":"x","X-A":"1"}}')).headers).toEqual(['etag', 'x']);
  });
  it('leaves the content of parameters to be returned where nothing else is', () => {
    const answer = answered('{"payload":{"parameters":{"p":1},"_response":{"status":202}}}');
    expect([answer.status, answer.body]).toEqual([202, '{"p":1}']);
  });
  it('sets nothing of an event with an error', () => {
    const failed = '{"payload":{"_response":{"status":201}},"result":{"error":{"code":400}}}';
    expect(answered(failed).status).toBe(400);
  });
});
