import { describe, expect, it } from '@jest/globals';
import type { ExternalIssuerRecord, TokenRecord } from '../../../contracts/records.js';
import { tokenKindOf } from '../token-kind.js';

const ISSUER = 'https://login.example.com/realms/main';
const GOOD: ExternalIssuerRecord = { issuer: ISSUER, audience: ['api'] };
const SECRET = 's'.repeat(64);

const compile = (external: Partial<ExternalIssuerRecord>, record: TokenRecord = {}, allowUnsigned = false) =>
  tokenKindOf('user', { ...record, external: { ...GOOD, ...external } }, { allowUnsigned });
const told = (external: Partial<ExternalIssuerRecord>, record: TokenRecord = {}): string =>
  compile(external, record)
    .findings.map(({ pointer, message, severity }) => `${severity} ${pointer} ${message}`)
    .join('\n');

describe('a record with an external issuer', () => {
  it('takes its tokens alone where it has no secret', () => {
    const { kind, findings } = compile({});
    expect(findings).toEqual([]);
    expect(kind).toMatchObject({ issues: false, issuedBy: null, csrfKey: null });
    expect(kind!.external!.place).toMatchObject({ issuer: ISSUER, jwksUri: null });
    expect(kind!.codec.check('a.b.c', 0)).toMatchObject({ kind: 'bad' });
  });
  it('issues tokens of its own beside where it has one', () => {
    const { kind } = compile({}, { signingSecret: SECRET, gracePeriod: 60, verifiable: true });
    expect(kind).toMatchObject({ issues: true, graceSeconds: 60 });
    // Nothing that belongs to a login holds for a token from elsewhere.
    expect(kind!.external!.kind).toMatchObject({
      graceSeconds: 0,
      carrier: null,
      external: null,
      issuedBy: { issuer: ISSUER },
    });
  });
  it('does not take unsigned tokens, whatever other records may do', async () => {
    const { kind } = compile({}, {}, true);
    expect(kind!.issues).toBe(false);
    expect(await kind!.codec.check('eyJhbGciOiJub25lIn0.eyJleHAiOjllOX0.', 0)).toMatchObject({ kind: 'bad' });
  });
  it.each([[[]], [undefined], [['']], [['api', '']]])(
    'is at fault with the audience %j: every token would do',
    (audience) => {
      const { kind, findings } = compile({ audience: audience! });
      expect(kind).toBeNull();
      expect(findings).toMatchObject([{ severity: 'fault', pointer: '/external/audience' }]);
    },
  );
  it.each([
    '',
    'login.example.com',
    'ftp://x',
    'https://',
    'https://u:p@x',
    'https://x#f',
    'https://x?q',
    '/realms/x',
    ' https://x',
    'https:x',
    'HTTPS://x',
  ])('is at fault with the issuer %j', (issuer) => {
    expect(told({ issuer })).toMatch(/^fault \/external\/issuer /);
  });
  it('is at fault where the issuer is its own, too', () => {
    expect(told({}, { signingSecret: SECRET, issuer: ISSUER })).toMatch(
      /^fault \/external\/issuer is the record's own/,
    );
  });
  it('takes an issuer that is no address where its keys are named', () => {
    expect(told({ issuer: 'accounts.google.com', jwksUri: 'https://www.googleapis.com/oauth2/v3/certs?x=1' })).toBe('');
    expect(told({ jwksUri: 'keys.json' })).toMatch(/^fault \/external\/jwksUri "keys.json" is no absolute address/);
  });
  it('has a warning without TLS, but for this host', () => {
    expect(told({ issuer: 'http://login.example.com' })).toMatch(/^warning \/external\/issuer is asked without TLS/);
    expect(told({ jwksUri: 'http://localhost:1/keys' })).toMatch(/^warning \/external\/jwksUri/);
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:1']) expect(told({ issuer: `http://${host}` })).toBe('');
  });
  it('has faults and warnings of its claims at their place', () => {
    expect(told({ claims: [{ name: 'x', source: 'a..b' }] })).toMatch(/^fault \/external\/claims\/0\/source/);
    expect(told({ claims: [{ name: 'sub', special: 'ORIGIN_ID' }] })).toMatch(
      /^warning \/external\/claims\/0\/source is never/,
    );
    expect(told({ claims: [{ name: 'sid', special: 'SESSION_ID' }] })).toBe('');
  });
  it('is at fault with a rolesPath that is none', () => {
    expect(told({ rolesPath: 'a..b' })).toMatch(/^fault \/external\/rolesPath a\.\.b is no path/);
  });
});

describe('the roles of a token', () => {
  const rolesOf = (claims: Record<string, unknown>, external: Partial<ExternalIssuerRecord> = {}) =>
    compile(external).kind!.external!.rolesOf(claims);
  it('are those of the realm for a Keycloak', () => {
    expect(rolesOf({ realm_access: { roles: ['a', 'b'] }, roles: ['c'] })).toEqual(['a', 'b']);
  });
  it('are the claim roles of others', () => {
    expect(rolesOf({ roles: 'a, b' }, { issuer: 'https://other' })).toEqual(['a', 'b']);
  });
  it('stand where rolesPath says, access. before it or not', () => {
    const claims = { resource_access: { api: { roles: ['a'] } } };
    for (const rolesPath of ['resource_access.api.roles', '$.access.resource_access.api.roles'])
      expect(rolesOf(claims, { rolesPath })).toEqual(['a']);
    expect(rolesOf({ scope: 'read write' }, { rolesPath: 'scope' })).toEqual(['read', 'write']);
  });
  it.each([null, 7, {}, [{}], true])('are none in %j', (roles) => {
    expect(rolesOf({ realm_access: { roles } })).toEqual([]);
  });
});
