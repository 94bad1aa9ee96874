import { describe, expect, it } from '@jest/globals';
import type { ProviderRecord } from '../../../contracts/records.js';
import type { UrlFinding } from '../provider/url-templates.js';
import { oidcRulesOf } from './oidc-rules.js';

const GOOD: ProviderRecord = {
  ...{ type: 'oidc', issuer: 'https://sso.example.org/realms/shop', clientId: 'gateway', clientSecret: 'hidden' },
};
function read(record: ProviderRecord) {
  const findings = { faults: [] as UrlFinding[], warnings: [] as UrlFinding[] };
  const rules = oidcRulesOf({ ...GOOD, ...record }, '/provider', findings);
  const pointers = (list: readonly UrlFinding[]) => list.map(({ pointer }) => pointer);
  return { rules, faults: pointers(findings.faults), warnings: pointers(findings.warnings), findings };
}

describe('an OpenID Connect provider', () => {
  it('of a Keycloak has its roles where a realm has them, and its admin API', () => {
    const { rules, faults, warnings } = read({});
    expect([faults, warnings]).toEqual([[], []]);
    expect(rules).toMatchObject({
      ...{ scope: 'openid', clientScope: null, rolesPath: ['realm_access', 'roles'], isPlainHttp: false },
      ...{ adminUrl: 'https://sso.example.org/admin/realms/shop', redirectUris: [], newUserRoles: [] },
    });
  });
  it('of any other has its roles in the claim roles, and no admin API', () => {
    const { rules } = read({ issuer: 'https://login.example.org/tenant/v2.0' });
    expect(rules).toMatchObject({ rolesPath: ['roles'], adminUrl: null });
  });
  it('takes roles from where the record says', () => {
    expect(read({ rolesPath: "['https://example.org/roles']" }).rules!.rolesPath).toEqual([
      'https://example.org/roles',
    ]);
    expect(read({ rolesPath: "$.id['https://example.org/roles']" }).rules!.rolesPath).toEqual([
      ...['id', 'https://example.org/roles'],
    ]);
  });
  it.each<[ProviderRecord['scopes'], string, string | null]>([
    [undefined, 'openid', null],
    ['', 'openid', null],
    ['openid profile, email', 'openid profile email', null],
    [['api://x/.default', 'offline_access'], 'openid api://x/.default offline_access', 'api://x/.default'],
  ])('asks with scopes %j for %s, and machines for %j', (scopes, scope, clientScope) => {
    expect(read(scopes === undefined ? {} : { scopes }).rules).toMatchObject({ scope, clientScope });
  });
  it.each<[string, ProviderRecord, string]>([
    ['no issuer', { issuer: '' }, '/provider/issuer'],
    ['an issuer that is no URL', { issuer: 'sso.example.org' }, '/provider/issuer'],
    ['an issuer with a query', { issuer: 'https://sso.example.org/?x' }, '/provider/issuer'],
    ['an issuer with a user', { issuer: 'https://me:pw@sso.example.org' }, '/provider/issuer'],
    ['an issuer of another kind', { issuer: 'file:///etc/passwd' }, '/provider/issuer'],
    ['no client', { clientId: '' }, '/provider/clientId'],
    ['a scope that is none', { scopes: ['a"b'] }, '/provider/scopes'],
    ['a path that is none', { rolesPath: 'a..b' }, '/provider/rolesPath'],
    ['a path to what every object has', { rolesPath: '__proto__.x' }, '/provider/rolesPath'],
    ['a redirect that is no URL', { redirectUris: ['https://a.example/', '/done'] }, '/provider/redirectUris/1'],
    ['a redirect that runs', { redirectUris: ['javascript:alert(1)'] }, '/provider/redirectUris/0'],
    ['a redirect with a fragment', { redirectUris: ['https://a.example/#x'] }, '/provider/redirectUris/0'],
    ['a redirect with a line break', { redirectUris: ['https://a.example/\r\nx'] }, '/provider/redirectUris/0'],
    ['too many redirects', { redirectUris: Array(101).fill('https://a.example/') }, '/provider/redirectUris'],
  ])('is at fault with %s', (_what, record, pointer) => {
    const { rules, faults } = read(record);
    expect([rules, faults]).toEqual([null, [pointer]]);
  });
  it.each<[string, ProviderRecord, string]>([
    ['no secret', { clientSecret: '' }, '/provider/clientSecret'],
    ['an issuer without TLS', { issuer: 'http://sso.example.org/realms/shop' }, '/provider/issuer'],
    ['roles of new users where there is no Keycloak', { issuer: 'https://a.example', roles: 'x' }, '/provider/roles'],
  ])('is odd with %s', (_what, record, pointer) => {
    const { rules, warnings } = read(record);
    expect(rules).not.toBeNull();
    expect(warnings).toEqual([pointer]);
  });
  it('on this machine needs no TLS, and without a secret administrates nothing', () => {
    for (const host of ['127.0.0.1:8080', 'localhost', '[::1]:1'])
      expect(read({ issuer: `http://${host}/realms/shop` }).warnings).toEqual([]);
    expect(read({ clientSecret: '' }).rules!.adminUrl).toBeNull();
  });
  it('shows its secret in no finding', () => {
    expect(JSON.stringify(read({ issuer: '', clientId: '', scopes: 'a"b' }).findings)).not.toContain('hidden');
  });
});
