import { describe, expect, it } from '@jest/globals';
import { offers, providerRulesOf } from './provider-rules.js';

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
  it('of type oidc needs no channel', () => {
    const record = { type: 'oidc', issuer: 'https://example.org', clientId: 'gateway', clientSecret: 's' };
    const { rules, faults, warnings } = providerRulesOf(record, '/provider');
    expect([faults, warnings]).toEqual([[], []]);
    expect(rules).toMatchObject({ kind: 'oidc', channel: '', timeoutMs: 10_000, oidc: { clientId: 'gateway' } });
  });
  it('of type oidc takes the actions that have a URL to its channel', () => {
    const oidc = { type: 'oidc', issuer: 'https://example.org', clientId: 'gateway', clientSecret: 's' };
    const { rules } = providerRulesOf({ ...oidc, channel: 'auth', urls: { resolveKey: '/key' } }, '/provider');
    const all = [
      'login',
      'resolve',
      'validate',
      'refresh',
      'logout',
      'register',
      'delete',
      'custom',
      'resolveKey',
    ] as const;
    expect(all.filter((action) => offers(rules!, action))).toEqual([
      ...['login', 'resolve', 'validate', 'refresh', 'logout', 'resolveKey'],
    ]);
    const keycloak = providerRulesOf({ ...oidc, issuer: 'https://example.org/realms/shop' }, '/provider').rules!;
    expect(all.filter((action) => offers(keycloak, action))).toEqual(all.slice(0, -1));
  });
  it('of type oidc is at fault with URLs and no channel that they are of', () => {
    const record = { type: 'oidc', issuer: 'https://example.org', clientId: 'gateway', urls: { login: '/login' } };
    expect(providerRulesOf(record, '/provider').faults).toEqual([
      { pointer: '/provider/urls', message: expect.stringContaining('none is named') },
    ]);
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
