import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { packedTokens, unpackedTokens } from './packed-tokens.js';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = {
  ...{ iss: 'https://sso.example.org/realms/shop', sub: '99677025-390f-40c7-884b-e918ee1caf55', aud: 'gateway' },
  ...{ name: 'Alice A', preferred_username: 'alice', given_name: 'Alice', email: 'alice@example.org', exp: 1795981640 },
  realm_access: { roles: ['clerk', 'admin', 'offline_access', 'uma_authorization', 'default-roles-shop'] },
};
const jwt = (claims: object): string =>
  [
    part({ alg: 'RS256', typ: 'JWT', kid: '5snyYIps21J5V0pt' }),
    part(claims),
    randomBytes(256).toString('base64url'),
  ].join('.');

describe('packed tokens', () => {
  it.each<[string, (string | null)[]]>([
    ['JWTs', [jwt(CLAIMS), jwt({ ...CLAIMS, typ: 'Refresh' }), jwt({ ...CLAIMS, typ: 'ID' })]],
    ['opaque ones', ['opaque', 'Ünal.x', '']],
    ['none', [jwt(CLAIMS), null]],
    ['base64url that is not canonical', [`${jwt(CLAIMS)}x`, 'AB.AB.AB', 'a+b/c=.....', '.']],
    ['long ones', ['a.'.repeat(20_000)]],
  ])('come out to the letter: %s', (_what, tokens) => expect(unpackedTokens(packedTokens(tokens))).toEqual(tokens));
  it('of a login at an OpenID Connect provider are less than half', () => {
    const tokens = [jwt(CLAIMS), jwt({ ...CLAIMS, typ: 'Refresh' }), jwt({ ...CLAIMS, typ: 'ID' })];
    expect(packedTokens(tokens).length).toBeLessThan(tokens.join('').length / 2);
  });
  it('may be a list as JSON, as tokens have them that were made before', () => {
    expect(unpackedTokens(Buffer.from('["a",null]'))).toEqual(['a', null]);
  });
});
