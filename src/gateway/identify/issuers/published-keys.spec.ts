import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { anIssuerKey, type KeySetup } from '../../../../test/support/issuer-key.js';
import { publishedKeys } from './published-keys.js';

const read = (...keys: unknown[]) => publishedKeys({ keys });
const jwkOf = (algorithm: string, setup: KeySetup = {}) => anIssuerKey(algorithm, { kid: 'k', ...setup }).jwk;
/** Whether a key is left out, and why. */
const why = (jwk: unknown): string => read(jwk).skipped[0] ?? 'taken';

describe('a published key is left out', () => {
  it.each([
    null,
    1,
    'text',
    [],
    {},
    { kty: 'oct', k: 'AAAA' },
    { kty: 'RSA' },
    { kty: 'EC', crv: 'P-256' },
    { kty: 'AKP' },
  ])('that is none: %j', (jwk) => {
    expect(read(jwk).size).toBe(0);
  });
  it.each([
    [{ use: 'enc' }, /use/],
    [{ use: ['sig'] }, /use/],
    [{ use: undefined, key_ops: ['encrypt'] }, /key_ops/],
    [{ key_ops: 'verify' }, /key_ops/],
    [{ key_ops: [] }, /key_ops/],
    [{ alg: 'HS256' }, /alg/],
    [{ alg: 'none' }, /alg/],
    [{ alg: 'RSA-OAEP' }, /alg/],
    [{ alg: 1 }, /alg/],
    [{ alg: 'RS256' }, /type that its alg needs/],
    [{ alg: 'ES384' }, /curve/],
    [{ kid: 7 }, /kid/],
    [{ kid: 'x'.repeat(513) }, /kid/],
    [{ d: 'AAAA' }, /private/],
    [{ k: 'AAAA' }, /private/],
    [{ x: 'AAAA' }, /cannot be read/],
    [{ crv: 'P-999' }, /cannot be read/],
  ])('with %j', (jwk, reason) => {
    expect(why(jwkOf('ES256', { jwk }))).toMatch(reason);
  });
  it('of another curve, also where it names no algorithm', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    expect(why(publicKey.export({ format: 'jwk' }))).toMatch(/curve/);
    const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' });
    expect(why(ed448)).toMatch(/curve/);
    expect(why(generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }))).not.toBe('taken');
  });
  it('of RSA with less than 2048 bits or more than 8192, or an exponent of no worth', () => {
    expect(why(jwkOf('RS256', { rsaBits: 1024 }))).toMatch(/too short/);
    expect(why(jwkOf('RS256', { rsaBits: 1024, jwk: { alg: undefined } }))).toMatch(/too short/);
    expect(why(jwkOf('RS256', { jwk: { e: 'AQ' } }))).toMatch(/exponent|cannot be read/);
    expect(why(jwkOf('RS256', { jwk: { e: 'Ag' } }))).toMatch(/exponent|cannot be read/);
    const n = Buffer.alloc(1025, 0xff).toString('base64url');
    expect(why(jwkOf('RS256', { jwk: { n } }))).toMatch(/longer|cannot be read/);
  });
});

it('a key whose numbers have no end is left out unread: to look at one would take Node a minute', () => {
  const endless = Buffer.alloc(100_000, 0xff).toString('base64url');
  const begun = performance.now();
  for (const name of ['n', 'e'])
    expect(why(jwkOf('RS256', { jwk: { [name]: endless } }))).toMatch(/longer than is used/);
  for (const name of ['x', 'y'])
    expect(why(jwkOf('ES256', { jwk: { [name]: endless } }))).toMatch(/longer than is used/);
  expect(performance.now() - begun).toBeLessThan(2000);
});

describe('a published key is taken', () => {
  it.each(['RS256', 'PS512', 'ES256', 'ES512', 'EdDSA'])('of %s', (algorithm) => {
    expect(why(jwkOf(algorithm))).toBe('taken');
  });
  it('that says nothing of its use, or that it verifies', () => {
    expect(why(jwkOf('ES256', { jwk: { use: undefined, alg: undefined } }))).toBe('taken');
    expect(why(jwkOf('ES256', { jwk: { use: undefined, key_ops: ['verify', 'sign'] } }))).toBe('taken');
  });
  it('whatever stands beside it', () => {
    const keys = read(null, jwkOf('ES256'), { kty: 'oct' }, jwkOf('ES256', { jwk: { use: 'enc' } }));
    expect([keys.size, keys.skipped.length]).toEqual([1, 3]);
  });
});

describe('a key set', () => {
  it.each([{}, { keys: {} }, { keys: null }, { keys: 'x' }])('is none: %j', (document) => {
    expect(() => publishedKeys(document)).toThrow(/no key set/);
  });
  it('has 100 keys at most', () => {
    expect(read(...Array.from({ length: 100 }, () => null)).skipped).toHaveLength(100);
    expect(() => read(...Array.from({ length: 101 }, () => null))).toThrow(/more than 100/);
  });
  it('may be empty', () => {
    expect(read().size).toBe(0);
  });
  it('says which keys another has withdrawn', () => {
    const [first, second] = [jwkOf('ES256'), jwkOf('ES256', { kid: 'other' })];
    const both = read(first, second);
    expect(both.isWithdrawnIn(read(second, first, jwkOf('ES256')))).toBe(false);
    expect(both.isWithdrawnIn(read(first))).toBe(true);
    expect(both.isWithdrawnIn(read(first, { ...second, use: 'enc' }))).toBe(true);
    expect(both.isWithdrawnIn(read(first, { ...jwkOf('ES256'), kid: 'other' }))).toBe(true);
    expect(read().isWithdrawnIn(read(first))).toBe(false);
  });
});
