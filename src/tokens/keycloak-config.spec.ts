import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readKeycloak } from './keycloak-config.js';

const ADAPTER = {
  realm: 'shop',
  'auth-server-url': 'https://sso.example/auth/',
  resource: 'gateway',
  'ssl-required': 'external',
  'confidential-port': 0,
  credentials: { secret: 'hidden' },
};
const OIDC = { issuer: 'https://sso.example/auth/realms/shop', clientId: 'gateway', clientSecret: 'hidden' };
const beside = { authServerUrl: 'https://sso.example', realm: 'shop' };
const fieldsOf = (provider: object) => readKeycloak({ ...provider })?.fields;

describe("Keycloak's fields of a provider", () => {
  it('are the JSON of its adapter, as an object or as text', () => {
    expect(fieldsOf({ config: ADAPTER })).toEqual(OIDC);
    expect(readKeycloak({ config: JSON.stringify(ADAPTER), channel: 'c' })).toEqual({
      ...{ fields: OIDC, read: ['config'], leftOut: [], problem: null, twice: [] },
    });
  });
  it.each<[string, object, object]>([
    ['a public client', { ...beside, resource: 'spa' }, { issuer: 'https://sso.example/realms/shop', clientId: 'spa' }],
    ['a secret with a dot', { ...beside, 'credential.secret': 's' }, { clientSecret: 's' }],
    ['a secret in an object', { ...beside, credential: { secret: 's' } }, { clientSecret: 's' }],
    ['a secret alone', { ...beside, credential: 's' }, { clientSecret: 's' }],
    ['a realm with a blank', { ...beside, realm: 'a b' }, { issuer: 'https://sso.example/realms/a%20b' }],
    [
      'lookups',
      { ...beside, authServerUrl: '${{kc.url}}', realm: '${{a b}}' },
      { issuer: '${{kc.url}}/realms/${{a b}}' },
    ],
    ['a secret beside config', { config: ADAPTER, credential: { secret: 's' } }, { ...OIDC, clientSecret: 's' }],
    ['an id token', { ...beside, idToken: 'true' }, { scopes: ['openid'] }],
    ['an id token among scopes', { ...beside, idToken: true, scopes: 'email' }, { scopes: 'openid email' }],
    ['no id token', { ...beside, idToken: false, scopes: 'email' }, { issuer: 'https://sso.example/realms/shop' }],
    [
      "the client's roles",
      { config: { ...ADAPTER, 'use-resource-role-mappings': true } },
      { ...OIDC, rolesPath: 'resource_access.gateway.roles' },
    ],
  ])('may say %s', (_what, provider, fields) => {
    expect(fieldsOf(provider)).toMatchObject(fields);
  });
  it('count beside config, and say where both differ', () => {
    const read = readKeycloak({ config: ADAPTER, realm: 'other' });
    expect(read).toMatchObject({ fields: { issuer: 'https://sso.example/auth/realms/other' }, twice: ['realm'] });
  });
  it('say more than ours do', () => {
    const config = {
      ...ADAPTER,
      ...{ 'bearer-only': true, 'use-resource-role-mappings': true, resource: 'a.b' },
      credentials: { secret: 's', jwt: { hidden: 1 } },
    };
    expect(readKeycloak({ config })?.leftOut).toEqual(['use-resource-role-mappings', 'bearer-only', 'credentials.jwt']);
  });
  it.each<[object, RegExp]>([
    [{ realm: 'shop' }, /URL of the server and the realm/],
    [{ authServerUrl: 'https://sso.example' }, /URL of the server and the realm/],
    [{ ...beside, authServerUrl: '/auth' }, /http or https/],
    [{ ...beside, authServerUrl: 'https://u:hidden@sso.example' }, /http or https/],
    [{ ...beside, realm: { toString: 1 } }, /realm is no text/],
    [{ config: '{"realm": "a", "credentials": "hidden"' }, /no JSON/],
  ])('cannot be used: %j', (provider, problem) => {
    expect(readKeycloak({ ...provider })?.problem).toMatch(problem);
    expect(readKeycloak({ ...provider })?.problem).not.toContain('hidden');
  });
  it('need no server where the issuer is known', () => {
    expect(readKeycloak({ issuer: 'https://i', realm: 'shop', resource: 'c' })).toMatchObject({
      ...{ fields: { clientId: 'c' }, problem: null },
    });
  });
  it.each<[object]>([
    [{ channel: 'auth', urls: {} }],
    [{ type: 'oidc', issuer: 'i', roles: ['user'] }],
    [{ config: '#{{keycloak.json}}', realm: 'shop' }],
    [{ config: '{"realm": "a", "confidential-port": ${{port}}}' }],
    [{ config: '********' }],
    [{ config: { other: 1 } }],
    [{ credential: { secret: 's' } }],
  ])('are none, or not known yet: %j', (provider) => {
    expect(readKeycloak({ ...provider })).toBeNull();
  });
  it('never throw', () => {
    const name = fc.constantFrom(
      ...['config', 'authServerUrl', 'auth-server-url', 'realm', 'resource', 'credential', 'credentials', 'secret'],
      ...['idToken', 'scopes', 'credential.secret', 'use-resource-role-mappings', 'toString', '__proto__'],
    );
    const value = fc.oneof(fc.constantFrom('https://h', 'true'), fc.string({ unit: 'binary' }), fc.jsonValue());
    const inner = fc.dictionary(name, value);
    fc.assert(
      fc.property(
        fc.dictionary(
          name,
          fc.oneof(
            value,
            inner,
            inner.map((some) => JSON.stringify(some)),
          ),
        ),
        (provider) => {
          const read = readKeycloak(provider);
          if (read?.problem === null) expect(read.fields['issuer'] ?? provider['issuer']).toMatch(/\/realms\//);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
