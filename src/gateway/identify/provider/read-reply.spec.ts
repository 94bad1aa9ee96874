import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../errors/gateway.error.js';
import { readReply } from './read-reply.js';

const event = (body: object, status = 200) => readReply({ status, text: JSON.stringify(body) }, false);
const plain = (body: object, status = 200) => readReply({ status, text: JSON.stringify(body) }, true);

function thrown(text: string, isPlainHttp = false, status = 200): string {
  try {
    readReply({ status, text }, isPlainHttp);
  } catch (error) {
    if (error instanceof GatewayError) return error.error;
  }
  return 'nothing';
}

describe('an answer that is good', () => {
  it('is the payload of an event, without the parameters that were sent', () => {
    expect(event({ requestMeta: { id: 'r' }, payload: { parameters: { password: 'x' }, user: { id: 1 } } })).toEqual({
      kind: 'good',
      payload: '{"user":{"id":1}}',
      requestMeta: '{"id":"r"}',
      isEvent: true,
    });
  });
  it('never is what the client itself sent, where nothing else is left', () => {
    expect(event({ payload: { parameters: { user: { id: 'admin' } } } })).toMatchObject({ payload: '{}' });
  });
  it('may be an object that is no event', () => {
    expect(event({ user: { id: 1 } })).toMatchObject({ payload: '{"user":{"id":1}}', isEvent: false });
  });
  it('has an `error` in its payload as data', () => {
    expect(event({ payload: { error: { code: 401 } } }).kind).toBe('good');
  });
  it('may be empty over plain HTTP with status 204', () => {
    expect(readReply({ status: 204, text: '' }, true)).toMatchObject({ kind: 'good', payload: '{}' });
  });
});

describe('an answer that is an error', () => {
  it('is what the result of an event says', () => {
    const error = { code: 11006, message: 'exists', safePayload: { field: 1.1 }, payload: { secret: 1 } };
    expect(event({ payload: {}, result: { status: 'ERROR', error } })).toEqual({
      kind: 'error',
      status: 409,
      code: 11006,
      message: 'exists',
      safePayload: '{"field":1.1}',
    });
  });
  it.each(['http', 'errorHttp', 'httpStatus'])('has the status that %s says', (name) => {
    expect(event({ payload: {}, result: { error: { code: 7, [name]: '409' } } })).toMatchObject({
      status: 409,
      code: 7,
    });
  });
  it('may be told by the status of the result alone', () => {
    expect(event({ payload: {}, result: { status: 'ERROR' } })).toMatchObject({ kind: 'error', status: 500 });
  });
  it('is an HTTP status without an event, whose body is not told on', () => {
    expect(event({ error: { code: 7, message: 'stack trace' } }, 400)).toMatchObject({
      status: 400,
      code: 400,
      message: null,
    });
    expect(readReply({ status: 401, text: '<html>' }, false)).toMatchObject({ status: 401, message: null });
  });
  it('has its own words over plain HTTP', () => {
    const error = { code: 11006, message: 'exists', safePayload: [1], payload: { internal: 'host' } };
    expect(plain({ error }, 409)).toEqual({
      kind: 'error',
      status: 409,
      code: 11006,
      message: 'exists',
      safePayload: '[1]',
    });
  });
});

describe('an answer with a good status that speaks of an error', () => {
  it('is that error', () => {
    for (const read of [plain, event])
      expect(read({ error: { code: 10125, message: 'bad' } }, 200)).toMatchObject({
        kind: 'error',
        status: 401,
        code: 10125,
      });
  });
});

describe('an answer that cannot be read', () => {
  it.each(['', '<html>', '{"payload":{}', '[]', '7', 'null', `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`])(
    'is %j',
    (text) => {
      expect([thrown(text), thrown(text, true)]).toEqual(['ANSWER_UNREADABLE', 'ANSWER_UNREADABLE']);
    },
  );
  it('is an empty one with status 200, or 204 where an event was asked for', () => {
    expect([thrown('', true, 200), thrown('', false, 204)]).toEqual(['ANSWER_UNREADABLE', 'ANSWER_UNREADABLE']);
  });
});
