import { describe, expect, it } from '@jest/globals';
import { withoutSecrets } from './without-secrets.js';

const of = (message: string, auth: Readonly<Record<string, string>>): string =>
  withoutSecrets(message, new Map(Object.entries(auth)));

describe('the message of a server', () => {
  it('does not repeat what it was sent, but who someone is', () => {
    expect(of('ada has no key k-12345 (k-12345)', { username: 'ada', api_key: 'k-12345' })).toBe(
      'ada has no key *** (***)',
    );
  });
  it('does not repeat it as JSON has it either', () => {
    const password = 'pa"ss\\word';
    expect(of(`no: ${JSON.stringify({ password })}`, { password })).toBe('no: {"password":"***"}');
  });
  it('does not hold the rest of what begins like another', () => {
    expect(of('no: hunter2-of-1944', { hint: 'hunter2', password: 'hunter2-of-1944' })).toBe('no: ***');
  });
  it('keeps what is too short to be told from other words', () => {
    expect(of('no such user', { otp: 'us' })).toBe('no such user');
  });
});
