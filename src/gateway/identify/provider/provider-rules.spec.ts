import { describe, expect, it } from '@jest/globals';
import { providerRulesOf } from './provider-rules.js';

describe('a provider record', () => {
  it('names a channel, the URL of each action, and how long a call may take', () => {
    const record = { channel: 'auth', urls: { login: '/login/{type}', refresh: '/refresh' }, timeout: 250 };
    const { rules, faults, warnings } = providerRulesOf(record, '/provider');
    expect([faults, warnings]).toEqual([[], []]);
    expect(rules).toMatchObject({ channel: 'auth', timeoutMs: 250 });
    expect([...rules!.urls.keys()]).toEqual(['login', 'refresh']);
  });
  it('waits 10 seconds where it does not say', () => {
    expect(providerRulesOf({ channel: 'auth' }, '/provider').rules!.timeoutMs).toBe(10_000);
  });
  it('warns of type oidc, which is not in this release', () => {
    const { rules, warnings } = providerRulesOf({ type: 'oidc', issuer: 'https://example.org' }, '/provider');
    expect(rules).toBeNull();
    expect(warnings).toEqual([{ pointer: '/provider/type', message: expect.stringContaining('in this release') }]);
  });
  it('is at fault with an unknown type, a bad timeout and a bad URL, all told at once', () => {
    const record = { type: 'ldap', channel: 'auth', timeout: 0, urls: { login: '/{id}' } };
    const { rules, faults } = providerRulesOf(record, '/provider');
    expect(rules).toBeNull();
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '/provider/type',
      '/provider/timeout',
      '/provider/urls/login',
    ]);
  });
  it('is out of force without a channel, with a warning', () => {
    const { rules, faults, warnings } = providerRulesOf({ urls: { login: '/login' } }, '/provider');
    expect([rules, faults]).toEqual([null, []]);
    expect(warnings).toEqual([{ pointer: '/provider/channel', message: expect.stringContaining('501') }]);
  });
  it('may name actions that nobody knows, with a warning, and leave a URL empty', () => {
    const { rules, warnings } = providerRulesOf({ channel: 'auth', urls: { 'a/b': '/x', login: '' } }, '/provider');
    expect(rules!.urls.size).toBe(0);
    expect(warnings.map(({ pointer }) => pointer)).toEqual(['/provider/urls/a~1b']);
  });
});
