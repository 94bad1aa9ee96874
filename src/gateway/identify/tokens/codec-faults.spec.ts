import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { TokenRecord } from '../../../contracts/records.js';
import { tokenCodecOf } from './token-codec.js';

const compile = (record: TokenRecord, allowUnsigned = false) => tokenCodecOf(record, { allowUnsigned });
const pemOf = (key: KeyObject): string =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }) as string;
const jwkOf = (key: KeyObject, more: object = {}): string =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...more });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const shortRsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherP256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const ed25519 = generateKeyPairSync('ed25519');
const ed448 = generateKeyPairSync('ed448');

function fault(record: TokenRecord): string {
  const { codec, faults } = compile(record);
  expect(codec === null).toBe(faults.length > 0);
  return faults.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
}
const signing = (signingAlgorithm: string, signingSecret: string) => fault({ signingAlgorithm, signingSecret });
const encrypting = (encryptionAlgorithm: string, encryptionSecret: string, more: TokenRecord = {}) =>
  fault({ encryptionAlgorithm, encryptionSecret, ...more });

describe('a record of tokens is at fault', () => {
  it.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ])('with an %s secret of less than %d bytes', (algorithm, bytes) => {
    expect(signing(algorithm, 'x'.repeat(bytes))).toBe('');
    expect(signing(algorithm, 'é'.repeat(bytes / 2))).toBe('');
    expect(signing(algorithm, 'x'.repeat(bytes - 1))).toBe(
      `/signingSecret: the secret is too short: ${algorithm} needs at least ${bytes} bytes`,
    );
    expect(signing(algorithm, `base64:${Buffer.alloc(bytes - 1).toString('base64')}`)).toContain('too short');
    expect(signing(algorithm, '')).toContain('too short');
  });
  it.each([
    ['A128KW', 16],
    ['A192KW', 24],
    ['A256KW', 32],
    ['A128GCMKW', 16],
    ['A192GCMKW', 24],
    ['A256GCMKW', 32],
  ])('with an %s secret of other than %d bytes', (algorithm, bytes) => {
    expect(encrypting(algorithm, 'x'.repeat(bytes))).toBe('');
    for (const length of [bytes - 1, bytes + 1, 2 * bytes]) {
      expect(encrypting(algorithm, 'x'.repeat(length))).toBe(
        `/encryptionSecret: the secret has a wrong length: here ${algorithm} needs ${bytes} bytes`,
      );
    }
  });
  it.each([
    ['A128GCM', 16],
    ['A192GCM', 24],
    ['A256GCM', 32],
    ['A128CBC-HS256', 32],
    ['A192CBC-HS384', 48],
    ['A256CBC-HS512', 64],
  ])('with a dir secret that is not that of %s: %d bytes', (encryptionMethod, bytes) => {
    expect(encrypting('dir', 'x'.repeat(bytes), { encryptionMethod })).toBe('');
    expect(encrypting('dir', 'x'.repeat(bytes - 8), { encryptionMethod })).toContain(`needs ${bytes} bytes`);
    expect(encrypting('dir', 'x'.repeat(bytes + 8), { encryptionMethod })).toContain(`needs ${bytes} bytes`);
  });
  it('with a key of another kind than the algorithm needs', () => {
    for (const algorithm of ['RS256', 'PS512']) {
      expect(signing(algorithm, pemOf(rsa.privateKey))).toBe('');
      expect(signing(algorithm, pemOf(p256.privateKey))).toContain('needs an RSA key');
      expect(signing(algorithm, 'x'.repeat(64))).toContain('as PEM or JWK');
    }
    expect(signing('RS256', pemOf(shortRsa.privateKey))).toContain('at least 2048 bits');
    expect(signing('ES256', pemOf(p256.privateKey))).toBe('');
    for (const key of [secp256k1, rsa, ed25519]) {
      expect(signing('ES256', pemOf(key.privateKey))).toContain('needs an P-256 key');
    }
    expect(signing('ES384', jwkOf(p256.privateKey))).toContain('P-384');
    expect(signing('EdDSA', pemOf(ed448.privateKey))).toContain('Ed25519');
    expect(signing('HS256', pemOf(rsa.publicKey))).toContain('needs a secret');
    expect(encrypting('A256KW', jwkOf(rsa.privateKey))).toContain('needs a secret');
    expect(encrypting('RSA-OAEP', pemOf(shortRsa.privateKey))).toContain('2048 bits');
    expect(encrypting('RSA-OAEP', pemOf(p256.privateKey))).toContain('RSA');
    expect(encrypting('ECDH-ES', pemOf(secp256k1.privateKey))).toContain('P-256, P-384, P-521 or X25519');
    expect(encrypting('ECDH-ES', pemOf(ed25519.privateKey))).toContain('X25519');
    expect(encrypting('ECDH-ES', 'x'.repeat(32))).toContain('as PEM or JWK');
  });
  it('with a public key where a private one is needed', () => {
    expect(signing('RS256', pemOf(rsa.publicKey))).toMatch(/^\/signingSecret: this is a public key/);
    const [first, second] = [
      { kid: 'a', secret: pemOf(rsa.publicKey) },
      { kid: 'b', secret: pemOf(rsa.privateKey) },
    ];
    const list = (...signingSecret: { secret: string }[]) => fault({ signingAlgorithm: 'RS256', signingSecret });
    expect(list(first, second)).toMatch(/^\/signingSecret\/0\/secret: this is a public key/);
    expect(list(second, first)).toBe('');
    expect(encrypting('RSA-OAEP', pemOf(rsa.publicKey))).toContain('nothing can be decrypted');
  });
  it('with a key that cannot be read, or that is for something else', () => {
    const encryptedPem = rsa.privateKey.export({
      ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' },
    }) as string;
    expect(signing('RS256', encryptedPem)).toContain('encrypted');
    expect(signing('RS256', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toContain('certificate');
    expect(signing('RS256', pemOf(rsa.privateKey).slice(0, 400))).toContain('cannot be read');
    expect(signing('RS256', '{"kty":"RSA","n":"AA","d":"AA"}')).toContain('cannot be read');
    expect(signing('ES256', jwkOf(p256.privateKey, { use: 'enc' }))).toContain('use should be sig');
    expect(signing('ES256', jwkOf(p256.privateKey, { alg: 'ES384' }))).toContain('alg should be ES256');
    expect(signing('HS256', '{"kty":"oct"}')).toContain('no k');
    expect(signing('HS256', 'base64:é'.padEnd(90, 'A'))).toContain('no base64');
    expect(signing('HS256', `base64:${'A'.repeat(65)}`)).toContain('no base64');
  });
  it('with halves of two pairs', () => {
    const { d } = otherP256.privateKey.export({ format: 'jwk' });
    expect(signing('ES256', jwkOf(p256.privateKey, { d }))).not.toBe('');
  });
  it('with an algorithm that nobody here has, named where it is a known one', () => {
    expect(signing('ES256K', pemOf(secp256k1.privateKey))).toMatch(/^\/signingAlgorithm: ES256K is not supported/);
    expect(signing('none', 'x'.repeat(64))).toMatch(/^\/signingAlgorithm: none is not supported/);
    expect(encrypting('RSA1_5', pemOf(rsa.privateKey))).toMatch(/^\/encryptionAlgorithm: RSA1_5 is not supported/);
    expect(encrypting('PBES2-HS256+A128KW', 'x')).toContain('is not supported');
    expect(encrypting('A256KW', 'x'.repeat(32), { encryptionMethod: 'XC20P' })).toMatch(/^\/encryptionMethod: XC20P/);
    expect(signing('hidden', 'x'.repeat(64))).toMatch(/^\/signingAlgorithm: no such algorithm; it may be HS256, /);
  });
  it('with an encryptionKeyAlgorithm that does not fit', () => {
    const of = (encryptionKeyAlgorithm: string) => ({ encryptionKeyAlgorithm });
    expect(encrypting('A256KW', 'x'.repeat(32), of('AES'))).toBe('');
    expect(encrypting('RSA-OAEP-256', pemOf(rsa.privateKey), of('RSA'))).toBe('');
    expect(encrypting('ECDH-ES', pemOf(p256.privateKey), of('EC'))).toBe('');
    expect(encrypting('RSA-OAEP-256', pemOf(rsa.privateKey))).toBe('');
    expect(encrypting('RSA-OAEP-256', pemOf(rsa.privateKey), of('AES'))).toMatch(/^\/encryptionKeyAlgorithm: .* RSA$/);
    expect(encrypting('A256KW', 'x'.repeat(32), of('DES'))).toMatch(/^\/encryptionKeyAlgorithm: .* AES$/);
  });
  it('with a list that is empty, too long, or has a kid twice', () => {
    const secret = 'x'.repeat(64);
    expect(fault({ signingSecret: [] })).toBe('/signingSecret: the list has no secret');
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ kid: `${index}`, secret }));
    expect(fault({ signingSecret: many(16) })).toBe('');
    expect(fault({ signingSecret: many(17) })).toBe('/signingSecret: there may be 16 secrets at most');
    expect(fault({ signingSecret: [...many(2), { kid: '0', secret }] })).toMatch(/^\/signingSecret\/2\/kid: /);
    expect(
      fault({
        signingSecret: [
          { kid: 'a', secret },
          { kid: 'b', secret: 'short' },
        ],
      }),
    ).toMatch(/^\/signingSecret\/1\/secret: the secret is too short/);
  });
  it('in several places at once, each told', () => {
    expect(compile({ signingSecret: 'short', encryptionSecret: 'short' }).faults.map(({ pointer }) => pointer)).toEqual(
      ['/signingSecret', '/encryptionSecret'],
    );
  });
  it('without any secret, unless token.allowUnsigned is true or all tokens come from elsewhere', () => {
    expect(fault({})).toMatch(/^\/signingSecret: neither signingSecret nor encryptionSecret/);
    const { codec, faults, warnings } = compile({}, true);
    expect([codec === null, faults]).toEqual([false, []]);
    expect(warnings).toMatchObject([{ pointer: '/signingSecret', message: expect.stringContaining('not signed') }]);
    expect(compile({ external: { issuer: 'https://i' } })).toEqual({ codec: null, faults: [], warnings: [] });
  });
  it('never because of token.allowUnsigned, which opens nothing where there is a secret', () => {
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"exp":9e9}').toString('base64url')}.`;
    expect(compile({ signingSecret: 'x'.repeat(64) }, true).codec!.check(none, 0)).toMatchObject({ kind: 'bad' });
    expect(compile({ encryptionSecret: 'x'.repeat(32) }, true).codec!.check(none, 0)).toMatchObject({ kind: 'bad' });
    expect(compile({ signingSecret: '' }, true).codec).toBeNull();
  });
});

describe('a record of tokens has a warning', () => {
  it('where everyone who has a public key can make tokens', () => {
    const record = { encryptionSecret: pemOf(rsa.privateKey), encryptionAlgorithm: 'RSA-OAEP' };
    expect(compile(record).warnings).toMatchObject([{ pointer: '/encryptionSecret' }]);
    expect(compile({ ...record, signingSecret: 'x'.repeat(64) }).warnings).toEqual([]);
    expect(compile({ encryptionSecret: 'x'.repeat(32) }).warnings).toEqual([]);
  });
});

describe('messages', () => {
  it('never have a secret in them', () => {
    const hidden = 'hidden-hidden';
    const all = [
      compile({ signingSecret: hidden, encryptionSecret: hidden }),
      compile({ signingSecret: `base64:${hidden}!`, encryptionSecret: `-----BEGIN ${hidden}` }),
      compile({ signingSecret: `{"kty":"RSA","d":"${hidden}"}`, signingAlgorithm: 'RS256' }),
      compile({ signingSecret: 'x', signingAlgorithm: hidden, encryptionSecret: 'x', encryptionAlgorithm: hidden }),
      compile({ encryptionSecret: 'x', encryptionMethod: hidden, encryptionKeyAlgorithm: hidden }),
      compile({
        signingSecret: [
          { kid: hidden, secret: hidden },
          { kid: hidden, secret: hidden },
        ],
      }),
    ];
    for (const { faults } of all) expect(faults).not.toEqual([]);
    expect(JSON.stringify(all)).not.toContain('hidden');
  });
});
