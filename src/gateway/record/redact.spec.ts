import { describe, expect, it } from '@jest/globals';
import { redacted, withoutValues } from './redact.js';

const of = (value: unknown): unknown => JSON.parse(redacted(JSON.stringify(value)));

describe('a payload in the log', () => {
  it.each([
    ...['secret', 'clientSecret', 'signing_secret', 'password', 'newPassword', 'passwd', 'credentials', 'apiKey'],
    ...['api_key', 'API-Key', 'api key', 'accessKey', 'access-key', 'token', 'gateway_token', 'Authorization'],
    ...['Cookie', 'set-cookie', 'otp'],
  ])('does not hold the value of %s', (name) => {
    expect(of({ [name]: 'hunter2', other: 1 })).toEqual({ [name]: '********', other: 1 });
  });
  it('does not hold it deep inside either, whatever its kind', () => {
    expect(of({ list: [{ password: { a: 'hunter2' } }, { token: 5 }] })).toEqual({
      list: [{ password: '********' }, { token: '********' }],
    });
  });
  it.each(['name', 'author', 'key', 'passenger', 'notes', 'optional'])('holds the value of %s', (name) => {
    expect(of({ [name]: 'x' })).toEqual({ [name]: 'x' });
  });
  it('shows that a secret is null', () => {
    expect(of({ password: null })).toEqual({ password: null });
  });
  it('may be JSON of any kind', () => {
    expect([of([1]), of('text'), of(null), of(1)]).toEqual([[1], 'text', null, 1]);
  });
  it('that is no JSON is not shown, since nobody knows what it holds', () => {
    expect(redacted('password=hunter2')).toBe('"(16 characters that are not JSON)"');
  });
});

describe('a body of credentials in the log', () => {
  it('has the names of its members, and no value', () => {
    const body = { username: 'ada', pin: 1234, nested: { code: 'x', list: ['y', { z: true }] }, nothing: null };
    expect(JSON.parse(withoutValues(JSON.stringify(body)))).toEqual({
      ...{ username: '********', pin: '********', nothing: null },
      nested: { code: '********', list: ['********', { z: '********' }] },
    });
  });
  it('that is no object has nothing, and one that is no JSON its length', () => {
    expect([withoutValues('"hunter2"'), withoutValues('{"pin":')]).toEqual([
      '"********"',
      '"(7 characters that are not JSON)"',
    ]);
  });
});
