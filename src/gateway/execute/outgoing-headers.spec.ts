import { describe, expect, it } from '@jest/globals';
import { forwardedHeaders, forwardedNames } from './outgoing-headers.js';

const PASSING = [
  ...['content-type', 'accept', 'accept-language', 'content-language', 'prefer', 'range', 'if-match', 'if-none-match'],
  ...['if-modified-since', 'if-unmodified-since', 'if-range'],
];

describe('the request headers that a crud runner gets', () => {
  it.each(PASSING)('hold %s', (name) => {
    expect(forwardedHeaders({ [name]: 'v' }, forwardedNames([], []))).toEqual([name, 'v']);
  });
  it.each([
    ...['authorization', 'cookie', 'rierino-auth.token', 'rierino-origin', 'x-api-key', 'user-agent', 'host'],
    ...['proxy-authorization', 'te', 'http2-settings', 'connection', 'upgrade', 'content-length', 'transfer-encoding'],
    ...['x-forwarded-for', 'forwarded', 'expect', 'accept-encoding'],
  ])('do not hold %s', (name) => {
    expect(forwardedHeaders({ [name]: 'v' }, forwardedNames([], []))).toEqual([]);
  });
  it('hold those that the system names besides', () => {
    expect(forwardedHeaders({ 'x-a': '1', 'x-b': '2', accept: '*/*' }, forwardedNames(['x-b', 'x-c'], []))).toEqual([
      ...['accept', '*/*', 'x-b', '2'],
    ]);
  });
  it('are without what the system sends itself', () => {
    const names = forwardedNames(['x-b'], ['accept', 'text/csv', 'x-b', 'mine']);
    expect(forwardedHeaders({ accept: '*/*', 'x-b': '2', prefer: 'p' }, names)).toEqual(['prefer', 'p']);
  });
  it('are a new list each time', () => {
    const headers = { accept: '*/*' };
    expect(forwardedHeaders(headers, forwardedNames([], []))).not.toBe(
      forwardedHeaders(headers, forwardedNames([], [])),
    );
  });
});

describe('what Connection names (RFC 9110, 7.6.1)', () => {
  it('does not pass, whatever its case and blanks', () => {
    const headers = { connection: 'close,  X-A ,Accept', 'x-a': '1', 'x-b': '2', accept: '*/*' };
    expect(forwardedHeaders(headers, forwardedNames(['x-a', 'x-b'], []))).toEqual(['x-b', '2']);
  });
  it('is nothing with keep-alive or close alone', () => {
    for (const connection of ['keep-alive', 'close'])
      expect(forwardedHeaders({ connection, accept: '*/*' }, forwardedNames([], []))).toEqual(['accept', '*/*']);
  });
});
