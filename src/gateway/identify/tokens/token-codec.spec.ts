import { describe, expect, it } from '@jest/globals';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, importJWK, jwtVerify, type JWTPayload, SignJWT } from 'jose';
import type { TokenRecord } from '../../../contracts/records.js';
import type { TokenCodec } from './checked-token.js';
import { tokenCodecOf } from './token-codec.js';

const NOW_MS = Date.now();
const NOW = Math.floor(NOW_MS / 1000);
const LIFE = { nowMs: NOW_MS, lifeSeconds: 60 };

function codecOf(record: TokenRecord): TokenCodec {
  const { codec, faults } = tokenCodecOf(record, { allowUnsigned: false });
  expect(faults).toEqual([]);
  return codec!;
}
type Jwk = Record<string, unknown>;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const privateJwk = (key: typeof rsa): Jwk => key.export({ format: 'jwk' });
const oct = (bytes: number): Jwk => ({ kty: 'oct', k: randomBytes(bytes).toString('base64url') });
const publicOf = ({ kty, crv, x, y, n, e, k }: Jwk): Jwk =>
  JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, k })) as Jwk;
const p256 = privateJwk(ec('P-256'));

const SIGNED: readonly [string, Jwk][] = [
  ...(['HS256', 'HS384', 'HS512'] as const).map((name): [string, Jwk] => [name, oct(64)]),
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((name): [string, Jwk] => [name, privateJwk(rsa)]),
  ['ES256', p256],
  ['ES384', privateJwk(ec('P-384'))],
  ['ES512', privateJwk(ec('P-521'))],
  ['EdDSA', privateJwk(generateKeyPairSync('ed25519').privateKey)],
];
const ENCRYPTED: readonly [string, string, Jwk][] = [
  ['A128KW', 'A128GCM', oct(16)],
  ['A192KW', 'A192GCM', oct(24)],
  ['A256KW', 'A256GCM', oct(32)],
  ['A128GCMKW', 'A128CBC-HS256', oct(16)],
  ['A192GCMKW', 'A192CBC-HS384', oct(24)],
  ['A256GCMKW', 'A256CBC-HS512', oct(32)],
  ['dir', 'A128GCM', oct(16)],
  ['dir', 'A192GCM', oct(24)],
  ['dir', 'A256GCM', oct(32)],
  ['dir', 'A128CBC-HS256', oct(32)],
  ['dir', 'A192CBC-HS384', oct(48)],
  ['dir', 'A256CBC-HS512', oct(64)],
  ...['RSA-OAEP', 'RSA-OAEP-256', 'RSA-OAEP-384', 'RSA-OAEP-512'].map((name): [string, string, Jwk] => [
    ...([name, 'A256GCM', privateJwk(rsa)] as const),
  ]),
  ['ECDH-ES', 'A256GCM', p256],
  ['ECDH-ES', 'A128CBC-HS256', privateJwk(ec('P-521'))],
  ['ECDH-ES+A128KW', 'A256GCM', privateJwk(ec('P-384'))],
  ['ECDH-ES+A192KW', 'A256GCM', p256],
  ['ECDH-ES+A256KW', 'A256GCM', privateJwk(generateKeyPairSync('x25519').privateKey)],
];

describe('a signed token', () => {
  it.each(SIGNED)('of %s is one for jose too, and the other way round', async (signingAlgorithm, jwk) => {
    const codec = codecOf({ signingSecret: JSON.stringify(jwk), signingAlgorithm, issuer: 'us', audience: ['a', 'b'] });
    const ours = await codec.issue({ sub: 'ada', exp: 1, iss: 'them' }, LIFE);
    const { payload, protectedHeader } = await jwtVerify(ours, await importJWK(publicOf(jwk), signingAlgorithm), {
      ...{ algorithms: [signingAlgorithm], issuer: 'us', audience: 'b', currentDate: new Date(NOW_MS) },
    });
    expect(protectedHeader).toEqual({ alg: signingAlgorithm, typ: 'JWT' });
    expect(payload).toEqual({
      ...{ sub: 'ada', iss: 'us', aud: ['a', 'b'], iat: NOW, exp: NOW + 60 },
      jti: payload.jti,
    });
    expect(payload.jti).toMatch(/^[\w-]{22}$/);

    const claims: JWTPayload = { sub: 'bob', iss: 'us', aud: 'a', exp: NOW + 9, iat: NOW };
    const theirs = await new SignJWT(claims)
      .setProtectedHeader({ alg: signingAlgorithm })
      .sign(await importJWK(jwk, signingAlgorithm));
    const good = { kind: 'good', claims, expiresAtMs: (NOW + 9) * 1000, issuedAtMs: NOW * 1000 };
    expect(codec.check(theirs, NOW_MS)).toEqual(good);
    expect(codec.check(theirs, NOW_MS)).toEqual(good);
  });
  it('is HS512 where the record does not say', async () => {
    const token = await codecOf({ signingSecret: 'x'.repeat(64) }).issue({}, LIFE);
    expect(Buffer.from(token.split('.')[0]!, 'base64url').toString()).toBe('{"alg":"HS512","typ":"JWT"}');
  });
  it('names a single audience as text, and another id each time', async () => {
    const codec = codecOf({ signingSecret: 'x'.repeat(64), audience: ['a'] });
    const read = async () => codec.check(await codec.issue({}, LIFE), NOW_MS);
    const [one, two] = [await read(), await read()] as [{ claims: Jwk }, { claims: Jwk }];
    expect(one.claims['aud']).toBe('a');
    expect(one.claims['jti']).not.toBe(two.claims['jti']);
  });
  it('is not issued where it would be longer than those that are accepted', async () => {
    const codec = codecOf({ signingSecret: 'x'.repeat(64) });
    await expect(codec.issue({ big: 'y'.repeat(7000) }, LIFE)).rejects.toThrow(/longer than the 8192/);
    expect(codec.check(await codec.issue({ big: 'y'.repeat(5800) }, LIFE), NOW_MS)).toMatchObject({ kind: 'good' });
  });
});

describe('an encrypted token', () => {
  const signingSecret = 'x'.repeat(64);
  it.each(ENCRYPTED)('of %s and %s is one for jose too, and the other way round', async (alg, enc, jwk) => {
    const record = { encryptionSecret: JSON.stringify(jwk), encryptionAlgorithm: alg, encryptionMethod: enc };
    const alone = codecOf(record);
    const { plaintext, protectedHeader } = await compactDecrypt(
      await alone.issue({ sub: 'ada' }, LIFE),
      await importJWK(jwk, alg),
    );
    expect(JSON.parse(Buffer.from(plaintext).toString())).toMatchObject({ sub: 'ada', exp: NOW + 60 });
    expect(protectedHeader).toMatchObject({ alg, enc, typ: 'JWT' });

    const theirs = (content: string, header: object = {}) =>
      importJWK(publicOf(jwk), alg).then((key) =>
        new CompactEncrypt(Buffer.from(content)).setProtectedHeader({ alg, enc, ...header }).encrypt(key),
      );
    const claims = { sub: 'bob', exp: NOW + 9 };
    const good = { kind: 'good', claims, expiresAtMs: (NOW + 9) * 1000, issuedAtMs: null };
    expect(await alone.check(await theirs(JSON.stringify(claims)), NOW_MS)).toEqual(good);

    const nested = codecOf({ ...record, signingSecret });
    const inner = await new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(Buffer.from(signingSecret));
    for (const header of [{}, { cty: 'JWT' }, { cty: 'jwt' }]) {
      expect(await nested.check(await theirs(inner, header), NOW_MS)).toEqual(good);
    }
    expect(await nested.check(await nested.issue({ sub: 'eve' }, LIFE), NOW_MS)).toMatchObject({ kind: 'good' });
    // Whoever has the public key can encrypt: what is not signed inside is nothing.
    expect(await nested.check(await theirs(JSON.stringify(claims)), NOW_MS)).toMatchObject({ kind: 'bad' });
  });
  it('is A256KW and A256GCM where the record does not say, and says that a token is inside', async () => {
    const token = await codecOf({ signingSecret, encryptionSecret: 'y'.repeat(32) }).issue({}, LIFE);
    const header = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as unknown;
    expect(header).toEqual({ alg: 'A256KW', enc: 'A256GCM', typ: 'JWT', cty: 'JWT' });
  });
});

describe('keys of a record', () => {
  const one = 'one'.padEnd(64, '1');
  const two = 'two'.padEnd(64, '2');
  const three = 'three'.padEnd(64, '3');
  const issue = (signingSecret: TokenRecord['signingSecret']) =>
    codecOf({ signingSecret: signingSecret! }).issue({}, LIFE);
  const checked = async (signingSecret: TokenRecord['signingSecret'], token: Promise<string>) => {
    const result = await codecOf({ signingSecret: signingSecret! }).check(await token, NOW_MS);
    return result.kind === 'good' ? 'good' : result.fault;
  };

  it('are rotated without refusing what the old one signed', async () => {
    const before = [{ kid: 'a', secret: one }];
    const during = [{ kid: 'b', secret: two }, ...before];
    const after = [{ kid: 'b', secret: two }];
    expect(await checked(during, issue(before))).toBe('good');
    expect(await checked(before, issue(during))).toBe('key');
    expect(await checked(after, issue(during))).toBe('good');
    expect(await checked(after, issue(before))).toBe('key');
  });
  it('are all tried for a token without kid', async () => {
    const keys = [{ kid: 'a', secret: one }, { kid: 'b', secret: two }, { secret: three }];
    expect(await checked(keys, issue(two))).toBe('good');
    expect(await checked(keys, issue(three))).toBe('good');
    expect(await checked(keys, issue('four'.padEnd(64, '4')))).toBe('signature');
  });
  it('count only by the name that a token gives', async () => {
    const keys = [
      { kid: 'a', secret: one },
      { kid: 'b', secret: two },
    ];
    expect(await checked(keys, issue([{ kid: 'a', secret: two }]))).toBe('signature');
    expect(await checked([...keys, { secret: three }], issue([{ kid: 'c', secret: three }]))).toBe('key');
  });
  it('without kid, where there is one only, takes tokens of any kid', async () => {
    expect(await checked(one, issue([{ kid: 'a', secret: one }]))).toBe('good');
    expect(await checked([{ secret: one }], issue([{ kid: 'a', secret: one }]))).toBe('good');
    expect(await checked([{ kid: 'b', secret: one }], issue([{ kid: 'a', secret: one }]))).toBe('key');
  });
  it('are rotated for encryption too', async () => {
    const record = (encryptionSecret: TokenRecord['encryptionSecret']) =>
      codecOf({ encryptionSecret: encryptionSecret! });
    const [old, young] = [
      { kid: 'a', secret: 'o'.repeat(32) },
      { kid: 'b', secret: 'y'.repeat(32) },
    ];
    const token = await record([old]).issue({}, LIFE);
    expect(await record([young, old]).check(token, NOW_MS)).toMatchObject({ kind: 'good' });
    expect(await record([young]).check(token, NOW_MS)).toMatchObject({ fault: 'key' });
    const unnamed = await record(old.secret).issue({}, LIFE);
    expect(await record([young, old]).check(unnamed, NOW_MS)).toMatchObject({ kind: 'good' });
    expect(await record([young]).check(unnamed, NOW_MS)).toMatchObject({ fault: 'decryption' });
  });
  it('are text, base64 or a JWK of the same bytes', async () => {
    const bytes = Buffer.from(one);
    for (const same of [
      `base64:${bytes.toString('base64')}`,
      `base64:${bytes.toString('base64url')}`,
      JSON.stringify({ kty: 'oct', k: bytes.toString('base64url'), use: 'sig', alg: 'HS512' }),
    ]) {
      expect(await checked(same, issue(one))).toBe('good');
    }
    const brace = '{ is how this one begins, and it is no JWK but a password of many bytes';
    expect(await checked(`base64:${Buffer.from(brace).toString('base64')}`, issue(brace))).toBe('good');
  });
  it('are PEM, private to sign and public to verify', async () => {
    const pem = rsa.export({ type: 'pkcs8', format: 'pem' }) as string;
    const young = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicPem = (key: typeof young.publicKey) => key.export({ type: 'spki', format: 'pem' }) as string;
    const old = codecOf({ signingSecret: pem, signingAlgorithm: 'RS256' });
    const both = codecOf({
      ...{ signingAlgorithm: 'RS256' },
      signingSecret: [
        { kid: 'n', secret: young.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string },
        { kid: 'o', secret: publicPem(createPublicKey(rsa)) },
      ],
    });
    expect(both.check(await old.issue({}, LIFE), NOW_MS)).toMatchObject({ kind: 'good' });
    expect(both.check(await both.issue({}, LIFE), NOW_MS)).toMatchObject({ kind: 'good' });
  });
  it('and all else that a check depends on are in the key of the codec', () => {
    const record: TokenRecord = { signingSecret: one, issuer: 'i', audience: ['a'] };
    const { key } = codecOf(record);
    expect(codecOf({ ...record, name: 'x', expiration: 5 }).key).toBe(key);
    const others: TokenRecord[] = [
      { ...record, signingSecret: two },
      { ...record, signingAlgorithm: 'HS256' },
      { ...record, issuer: 'j' },
      { ...record, audience: ['a', 'b'] },
      { ...record, encryptionSecret: 'y'.repeat(32) },
    ];
    expect(new Set([key, ...others.map((other) => codecOf(other).key)]).size).toBe(6);
    expect(key).not.toContain('one');
  });
});
