import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../errors/gateway.error.js';
import { translated } from './http-failure.js';

const failure = (code: string): Error => Object.assign(new Error(code), { code });
const named = (error: Error, wasSent = false): string => translated(error, wasSent).error;

describe('a failure of a call over HTTP', () => {
  it.each([
    ['refused', 'ECONNREFUSED', 'BACKEND_UNREACHABLE'],
    ['unknown host', 'ENOTFOUND', 'BACKEND_UNREACHABLE'],
    ['no answer of DNS', 'EAI_AGAIN', 'BACKEND_UNREACHABLE'],
    ['no route', 'EHOSTUNREACH', 'BACKEND_UNREACHABLE'],
    ['no network', 'ENETUNREACH', 'BACKEND_UNREACHABLE'],
    ['reset', 'ECONNRESET', 'BACKEND_BROKE_OFF'],
    ['closed while we wrote', 'EPIPE', 'BACKEND_BROKE_OFF'],
    ['closed', 'UND_ERR_SOCKET', 'BACKEND_BROKE_OFF'],
    ['shorter than it said', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'BACKEND_BROKE_OFF'],
    ['no connection in time', 'UND_ERR_CONNECT_TIMEOUT', 'BACKEND_TIMEOUT'],
    ['no packet in time', 'ETIMEDOUT', 'BACKEND_TIMEOUT'],
    ['no head in time', 'UND_ERR_HEADERS_TIMEOUT', 'BACKEND_TIMEOUT'],
    ['no body in time', 'UND_ERR_BODY_TIMEOUT', 'BACKEND_TIMEOUT'],
    ['too large a head', 'UND_ERR_HEADERS_OVERFLOW', 'ANSWER_TOO_LARGE'],
    ['no HTTP', 'HPE_INVALID_CONSTANT', 'ANSWER_UNREADABLE'],
    ['other bad HTTP', 'HPE_WHAT_EVER', 'ANSWER_UNREADABLE'],
  ])('%s (%s) is %s', (_what, code, expected) => {
    expect([named(failure(code), false), named(failure(code), true)]).toEqual([expected, expected]);
  });
  it('that nobody knows is unreachable before the call had a connection, broken off afterwards', () => {
    for (const error of [new Error('x'), failure('EWHATEVER')])
      expect([named(error, false), named(error, true)]).toEqual(['BACKEND_UNREACHABLE', 'BACKEND_BROKE_OFF']);
  });
  it('of several addresses is that of the first', () => {
    expect(named(new AggregateError([failure('ETIMEDOUT'), failure('ECONNREFUSED')]))).toBe('BACKEND_TIMEOUT');
  });
  it('that is ours already stays as it is', () => {
    const error = new GatewayError('BODY_BROKEN_OFF');
    expect(translated(error, true)).toBe(error);
  });
  it('keeps its cause for the log', () => {
    const cause = failure('ECONNREFUSED');
    expect(translated(cause, false).cause).toBe(cause);
  });
});
