import { describe, expect, it } from '@jest/globals';
import { createPublicKey } from 'node:crypto';
import { anIssuerKey, hmacToken, twinOf, unsigned, type IssuerKey } from '../../../../test/support/issuer-key.js';
import type { TokenRules } from './issuer.js';
import { publishedKeys } from './published-keys.js';
import { signedBy } from './signed-by.js';

const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1000;
const ISSUER = 'https://login.example.com/realms/main';
const CLAIMS = { iss: ISSUER, aud: 'api', sub: 'ada', exp: NOW + 60 };
const ACCESS: TokenRules = { use: 'access', audiences: new Set(['api']), takesAzp: false, authorizedParty: null };
const ID: TokenRules = { ...ACCESS, use: 'id' };

const ec = anIssuerKey('ES256', { kid: 'ec' });
const setOf = (...keys: IssuerKey[]) => publishedKeys({ keys: keys.map(({ jwk }) => jwk) });
const KEYS = setOf(ec);

/** Why it is refused; `good`; `unknown` where another key is needed. */
function check(token: string, { keys = KEYS, rules = ACCESS, nowMs = NOW_MS } = {}): string {
  const checked = signedBy(keys, token, ISSUER, { rules, nowMs });
  if (checked === null) return 'unknown';
  return checked.kind === 'bad' ? checked.fault : 'good';
}
const signed = (claims: object, header: object = {}, key = ec) =>
  key.sign({ ...CLAIMS, ...claims }, header as Record<string, unknown>);

describe('a token of an issuer is good', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'when %s of a published key signs it',
    async (algorithm) => {
      const key = anIssuerKey(algorithm);
      const keys = setOf(key);
      expect(check(await signed({}, {}, key), { keys })).toBe('good');
      const other = anIssuerKey(algorithm, { kid: key.kid });
      expect(check(await signed({}, {}, other), { keys })).toBe('signature');
    },
  );
  it('when its algorithm is one that the key fits, where the key names none', async () => {
    const key = anIssuerKey('PS384', { jwk: { alg: undefined } });
    expect(check(await signed({}, {}, key), { keys: setOf(key) })).toBe('good');
  });
  it('when it calls EdDSA by the name of its curve', async () => {
    const key = anIssuerKey('EdDSA', { jwk: { alg: 'Ed25519' } });
    expect(check(await signed({}, { alg: 'Ed25519' }, key), { keys: setOf(key) })).toBe('good');
  });
  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('of type %s, as an access token', async (typ) => {
    expect(check(await signed({}, { typ }))).toBe('good');
  });
  it('from nbf - 30 s, until exp + 30 s', async () => {
    const token = await signed({ nbf: NOW });
    const at = (seconds: number) => check(token, { nowMs: NOW_MS + seconds * 1000 });
    expect([at(-31), at(-30), at(89), at(90)]).toEqual(['not_yet_valid', 'good', 'good', 'expired']);
  });
  it('when one of its audiences is one of ours', async () => {
    expect(check(await signed({ aud: ['other', 'api'] }))).toBe('good');
  });
});

describe('a token of an issuer is refused', () => {
  it.each(['', 'a', 'a.b', 'a.b.c.d', '..', 'é.b.c', 'x'.repeat(100)])('that is none: %j', (token) => {
    expect(check(token)).toBe('malformed');
  });
  it('unread above 8192 characters', async () => {
    expect(check(await signed({ filler: 'x'.repeat(8192) }))).toBe('too_long');
  });
  it.each(['none', 'None', '', 'HS256', 'ES256K', 'RSA-OAEP', 'Ed448', 1, null, undefined])(
    'of algorithm %j',
    (alg) => {
      expect(check(unsigned({ alg, kid: 'ec' }, CLAIMS))).toBe('algorithm');
      expect(check(`${unsigned({ alg, kid: 'ec' }, CLAIMS)}AAAA`)).toBe('algorithm');
    },
  );
  it('signed by HMAC with the public key as its secret, however that is written', () => {
    const rsa = anIssuerKey('RS256', { kid: 'ec' });
    for (const key of [ec, rsa])
      for (const secret of [key.publicPem, key.publicPem.trim(), JSON.stringify(key.jwk), key.jwk.x ?? key.jwk.n!])
        for (const alg of ['HS256', 'RS256', 'ES256'])
          expect(check(hmacToken({ alg, kid: 'ec' }, CLAIMS, secret), { keys: setOf(key) })).not.toBe('good');
  });
  it('of another algorithm than the key names, or fits', async () => {
    const named = anIssuerKey('RS256', { kid: 'r' });
    const asPss = anIssuerKey('PS256', { kid: 'r' });
    expect(check(await signed({}, {}, asPss), { keys: setOf(named) })).toBe('algorithm');
    expect(check(await signed({}, { kid: 'ec' }, asPss))).toBe('algorithm');
    expect(check(await signed({}, { kid: 'ec' }, anIssuerKey('ES384')))).toBe('algorithm');
  });
  it('with a key that it brings along', async () => {
    const own = anIssuerKey('ES256', { kid: 'ec' });
    const header = { jwk: own.jwk, jku: 'https://evil.example.com/keys', x5c: ['AAAA'] };
    expect(check(await signed({}, header, own))).toBe('signature');
  });
  it('with extensions that it calls critical', async () => {
    expect(check(unsigned({ alg: 'ES256', kid: 'ec', crit: ['exp'] }, CLAIMS))).toBe('malformed');
    expect(check(unsigned({ alg: 'ES256', kid: 'ec', b64: false }, CLAIMS))).toBe('malformed');
    expect(check(unsigned({ alg: 'ES256', kid: 'ec', zip: 'DEF' }, CLAIMS))).toBe('algorithm');
    expect(check(unsigned({ alg: 'ES256', kid: ['ec'] }, CLAIMS))).toBe('malformed');
  });
  it.each(['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'JWE', 7, ''])('of type %j', async (typ) => {
    expect(check(await signed({}, { typ }))).toBe('type');
  });
  it('that holds another token', async () => {
    expect(check(await signed({}, { cty: 'JWT' }))).toBe('type');
  });
  it('that Keycloak says is an id, refresh or logout token', async () => {
    for (const typ of ['ID', 'Refresh', 'Offline', 'Logout']) expect(check(await signed({ typ }))).toBe('type');
    expect(check(await signed({ typ: 'Bearer' }))).toBe('good');
  });
  it.each([
    undefined,
    null,
    '',
    'https://login.example.com/realms/main/',
    'https://LOGIN.example.com/realms/main',
    [ISSUER],
    1,
  ])('of issuer %j', async (iss) => {
    expect(check(await signed({ iss }))).toBe('issuer');
  });
  it.each([undefined, null, '', 'API', 'api ', [], ['other'], [['api']], { api: 1 }, 1])('for %j', async (aud) => {
    expect(check(await signed({ aud }))).toBe('audience');
  });
  it('whose azp alone names us', async () => {
    expect(check(await signed({ aud: undefined, azp: 'api' }))).toBe('audience');
  });
  it.each([
    ['no_expiry', { exp: undefined }],
    ['claims', { exp: 'soon' }],
    ['claims', { exp: null }],
    ['claims', { exp: 1e300 }],
    ['claims', { nbf: '0' }],
    ['claims', { iat: {} }],
    ['not_yet_valid', { nbf: NOW + 31 }],
    ['expired', { exp: NOW - 30 }],
    ['bound', { cnf: { jkt: 'x' } }],
    ['bound', { cnf: null }],
  ])('as %s for %j', async (fault, claims) => {
    // Written as it is: jose would not let all of these pass.
    const key = ec;
    expect(check(await key.sign({ ...CLAIMS, ...claims }))).toBe(fault);
  });
  it('of claims that stand twice, or are no object', async () => {
    const { privateKey } = ec;
    const { CompactSign } = await import('jose');
    const raw = (text: string) =>
      new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'ES256', kid: 'ec' }).sign(privateKey);
    const twice = `{"iss":"evil",${JSON.stringify(CLAIMS).slice(1)}`;
    for (const text of [twice, '[]', 'null', '"text"', '{', '\u0000'])
      expect([text, check(await raw(text))]).toEqual([text, 'claims']);
  });
  it('as what is wrong with it besides, when it has expired too', async () => {
    expect(check(await signed({ exp: NOW - 60, aud: 'other' }))).toBe('audience');
    expect(check(await signed({ exp: NOW - 60, cnf: {} }))).toBe('bound');
    expect(check(await signed({ exp: NOW - 60 }, {}, anIssuerKey('ES256', { kid: 'ec' })))).toBe('signature');
  });
});

describe('the key of a token', () => {
  it('is another where its kid is not known', async () => {
    expect(check(await signed({}, { kid: 'new' }))).toBe('unknown');
    expect(check(await signed({}, { kid: '' }))).toBe('unknown');
    expect(check(await signed({}, { kid: '__proto__' }))).toBe('unknown');
  });
  it('is any that fits where the token names none', async () => {
    const [first, second] = [anIssuerKey('ES256'), anIssuerKey('ES256', { kid: null })];
    const keys = setOf(anIssuerKey('RS256'), first, second);
    expect(check(await signed({}, { kid: undefined }, first), { keys })).toBe('good');
    expect(check(await signed({}, {}, second), { keys })).toBe('good');
    expect(check(await signed({}, { kid: undefined }), { keys })).toBe('unknown');
  });
  it('is none without a kid where the token names one', async () => {
    const bare = anIssuerKey('ES256', { kid: null });
    expect(check(await signed({}, { kid: 'x' }, bare), { keys: setOf(bare) })).toBe('unknown');
  });
  it('is either of two with the same kid', async () => {
    const [first, second] = [anIssuerKey('ES256', { kid: 'same' }), anIssuerKey('ES256', { kid: 'same' })];
    const rsa = anIssuerKey('RS256', { kid: 'same' });
    for (const key of [first, second, rsa])
      expect(check(await signed({}, {}, key), { keys: setOf(first, rsa, second) })).toBe('good');
  });
  it('is looked for among eight at most', async () => {
    const many = Array.from({ length: 9 }, () => anIssuerKey('ES256', { kid: 'same' }));
    expect(check(await signed({}, {}, many[7]), { keys: setOf(...many) })).toBe('good');
    expect(check(await signed({}, {}, many[8]), { keys: setOf(...many) })).toBe('signature');
  });
});

describe('an id token', () => {
  it('is for who asked, by aud and azp', async () => {
    const rules: TokenRules = { ...ID, authorizedParty: 'api' };
    expect(check(await signed({}), { rules })).toBe('good');
    expect(check(await signed({ aud: ['api', 'other'], azp: 'api' }), { rules })).toBe('good');
    expect(check(await signed({ aud: ['api', 'other'], azp: 'other' }), { rules })).toBe('audience');
    expect(check(await signed({ azp: 'other' }), { rules: ID })).toBe('good');
  });
  it('is no access token', async () => {
    expect(check(await signed({}, { typ: 'at+jwt' }), { rules: ID })).toBe('type');
    expect(check(await signed({ typ: 'Bearer' }), { rules: ID })).toBe('type');
    expect(check(await signed({ typ: 'ID' }), { rules: ID })).toBe('good');
  });
});

it('azp counts for a token without aud where that is wanted', async () => {
  const rules: TokenRules = { ...ACCESS, takesAzp: true };
  expect(check(await signed({ aud: undefined, azp: 'api' }), { rules })).toBe('good');
  expect(check(await signed({ aud: undefined, azp: 'other' }), { rules })).toBe('audience');
  expect(check(await signed({ aud: undefined }), { rules })).toBe('audience');
  expect(check(await signed({ aud: 'other', azp: 'api' }), { rules })).toBe('audience');
  expect(check(await signed({ aud: [], azp: 'api' }), { rules })).toBe('audience');
});

it('of 10,000 mutated tokens none is good but the twin of an ECDSA signature', async () => {
  const keys = [anIssuerKey('ES256'), anIssuerKey('RS256'), anIssuerKey('EdDSA')];
  const published = setOf(...keys);
  const tokens = await Promise.all(keys.map((key) => signed({}, {}, key)));
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \u0000é';
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const character = () => alphabet[random(alphabet.length)]!;
  const kinds: ((token: string, at: number) => string)[] = [
    (token, at) => token.slice(0, at) + character() + token.slice(at + 1),
    (token, at) => token.slice(0, at) + character() + token.slice(at),
    (token, at) => token.slice(0, at) + token.slice(at + 1 + random(8)),
    (token, at) => token.slice(0, at),
    (token, at) => token.slice(0, at) + tokens[random(tokens.length)]!.slice(at),
    (token) => token + character(),
  ];
  for (let round = 0; round < 10_000; round++) {
    const token = tokens[round % tokens.length]!;
    const mutated = kinds[random(kinds.length)]!(token, random(token.length));
    if (tokens.includes(mutated)) continue;
    expect([mutated, check(mutated, { keys: published })]).not.toEqual([mutated, 'good']);
  }
  expect(check(twinOf(tokens[0]!), { keys: published })).toBe('good');
});

it('a certificate, or a key that no issuer published, is nothing that a token can name', async () => {
  const key = anIssuerKey('ES256', { kid: 'ec' });
  expect(createPublicKey(key.publicPem).asymmetricKeyType).toBe('ec');
  expect(check(await signed({}, { x5t: 'x', 'x5t#S256': 'x' }, key))).toBe('signature');
});
