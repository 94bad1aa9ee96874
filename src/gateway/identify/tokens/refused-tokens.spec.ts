import { describe, expect, it } from '@jest/globals';
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import type { TokenRecord } from '../../../contracts/records.js';
import type { CheckedToken, TokenCodec } from './checked-token.js';
import { tokenCodecOf } from './token-codec.js';

const NOW_MS = 1_800_000_000_000;
const NOW = NOW_MS / 1000;
const SECRET = 's'.repeat(64);
const KEY = 'k'.repeat(32);
const LIFE = { nowMs: NOW_MS, lifeSeconds: 60 };
const CLAIMS = { sub: 'ada', iss: 'us', aud: ['a', 'b'], exp: NOW + 60 };

const codecOf = (record: TokenRecord): TokenCodec => tokenCodecOf(record, { allowUnsigned: true }).codec!;
const codec = codecOf({ signingSecret: SECRET });
const strict = codecOf({ signingSecret: SECRET, issuer: 'us', audience: ['b', 'c'] });
const nested = codecOf({ signingSecret: SECRET, encryptionSecret: KEY });

const segment = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
/** Signed with the right key, whatever header and claims say; text is taken as it is. */
function signed(header: unknown, claims: unknown, secret = SECRET): string {
  const text = `${segment(header)}.${segment(claims)}`;
  return `${text}.${createHmac('sha512', secret).update(text).digest('base64url')}`;
}
const HS512 = { alg: 'HS512' };
const faultOf = (result: CheckedToken | Promise<CheckedToken>): string => {
  if (result instanceof Promise) throw new Error('not at once');
  return result.kind === 'bad' ? result.fault : 'good';
};
const check = (token: string, of = codec): string => faultOf(of.check(token, NOW_MS));
const encrypted = (content: string, header: object = {}): Promise<string> =>
  new CompactEncrypt(Buffer.from(content))
    .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM', ...header })
    .encrypt(Buffer.from(KEY));

describe('a token is refused', () => {
  it('unread above 8192 characters', () => {
    const filler = (length: number) => signed(HS512, { ...CLAIMS, x: 'y'.repeat(length) });
    const fits = 5999;
    expect([filler(fits).length, check(filler(fits))]).toEqual([8192, 'good']);
    expect(check(filler(fits + 1))).toBe('too_long');
    expect(check('x'.repeat(1_000_000), nested)).toBe('too_long');
  });
  it.each(['', '.', '..', '...', 'a', 'a.b', 'a.b.', '.b.c', 'a..c', '....', 'é.b.c', '\u0000', 'Bearer a.b.c'])(
    'that is none: %j',
    (token) => {
      for (const each of [codec, nested, codecOf({})]) expect(check(token, each)).toBe('malformed');
    },
  );
  it('whose base64url is not canonical', () => {
    const good = signed(HS512, CLAIMS);
    const [header, payload, signature] = good.split('.') as [string, string, string];
    expect(check(good)).toBe('good');
    // 64 bytes are 86 characters, whose last has four bits that say nothing.
    const last = signature.at(-1)!;
    const other = String.fromCharCode(last.charCodeAt(0) + 1);
    expect(Buffer.from(signature.slice(0, -1) + other, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    for (const spelling of [
      `${header}.${payload}.${signature.slice(0, -1)}${other}`,
      `${good}=`,
      `${good}==`,
      `${good} `,
      ` ${good}`,
      `${good}\n`,
      `${header}.${payload}\n.${signature}`,
      `${header}=.${payload}.${signature}`,
      `${good}.`,
      good.replaceAll('-', '+').replaceAll('_', '/') + '+',
    ]) {
      expect(check(spelling)).toBe('malformed');
    }
  });
  it('with another signature, another payload, or without one', () => {
    const [header, payload, signature] = signed(HS512, CLAIMS).split('.') as [string, string, string];
    const other = segment({ ...CLAIMS, sub: 'eve' });
    expect(check(`${header}.${other}.${signature}`)).toBe('signature');
    expect(check(`${header}.${payload}.`)).toBe('signature');
    expect(check(`${header}.${payload}.${signature.slice(0, 43)}`)).toBe('malformed');
    expect(check(`${header}.${payload}.${signature.slice(0, 44)}`)).toBe('signature');
    expect(check(signed(HS512, CLAIMS, 'other'.padEnd(64)))).toBe('signature');
    expect(check(signed(HS512, CLAIMS, ''))).toBe('signature');
  });
  it.each(['none', 'None', 'NONE', 'nOnE', 'HS256', 'HS384', 'hs512', 'RS256', '', null, 5, undefined, ['HS512']])(
    'whose alg is %j, signed or not',
    (alg) => {
      expect(check(signed({ alg }, CLAIMS))).toBe('algorithm');
      expect(check(`${segment({ alg })}.${segment(CLAIMS)}.`)).toBe('algorithm');
    },
  );
  it('signed by HMAC with the public key of an asymmetric algorithm', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const rs256 = codecOf({ signingSecret: pem, signingAlgorithm: 'RS256' });
    for (const secret of [
      publicKey.export({ type: 'spki', format: 'pem' }) as string,
      createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('latin1'),
    ]) {
      for (const alg of ['HS256', 'HS512']) expect(check(signed({ alg }, CLAIMS, secret), rs256)).toBe('algorithm');
      expect(check(signed({ alg: 'RS256' }, CLAIMS, secret), rs256)).toBe('signature');
    }
  });
  it.each<[string, unknown]>([
    ['critical extensions', { ...HS512, crit: ['exp'] }],
    ['critical extensions, none of them', { ...HS512, crit: [] }],
    ['a payload that is not encoded', { ...HS512, b64: false }],
    ['a kid that is no text', { ...HS512, kid: 5 }],
    ['a header that names alg twice', '{"alg":"none","alg":"HS512"}'],
    ['a header that names alg twice, once escaped', '{"alg":"none","\\u0061lg":"HS512"}'],
    ['a header that is a list', '["HS512"]'],
    ['a header that is no JSON', '{"alg":"HS512"'],
    ['a header with a byte order mark', '\ufeff{"alg":"HS512"}'],
  ])('with %s', (_what, header) => {
    expect(check(signed(header, CLAIMS))).toBe('malformed');
  });
  it('whose header is no UTF-8', () => {
    const text = `${Buffer.from('{"alg":"HS512","x":"\xff"}', 'latin1').toString('base64url')}.${segment(CLAIMS)}`;
    expect(check(`${text}.${createHmac('sha512', SECRET).update(text).digest('base64url')}`)).toBe('malformed');
  });
  it('for its zip', () => {
    expect(check(signed({ ...HS512, zip: 'DEF' }, CLAIMS))).toBe('algorithm');
  });
  it('but never for keys that it brings along, which nobody looks at', () => {
    const jwk = { kty: 'oct', k: segment('other'.padEnd(64)) };
    const header = { ...HS512, jwk, jku: 'https://evil', x5c: ['AA'], x5u: 'https://evil' };
    expect(check(signed(header, CLAIMS))).toBe('good');
    expect(check(signed(header, CLAIMS, 'other'.padEnd(64)))).toBe('signature');
  });
  it.each<[string, unknown]>([
    ['a member twice', '{"sub":"ada","exp":1800000060,"sub":"eve"}'],
    ['a member of a member twice', '{"exp":1800000060,"user":{"id":1,"id":2}}'],
    ['no object', '[1]'],
    ['null', 'null'],
    ['no JSON', '{"exp":1800000060,}'],
    ['nesting beyond all sense', `{"exp":1800000060,"x":${'['.repeat(2000)}${']'.repeat(2000)}}`],
    ['exp as text', { exp: String(NOW + 60) }],
    ['exp null', { exp: null }],
    ['exp beyond numbers', '{"exp":1e400}'],
    ['nbf as text', { ...CLAIMS, nbf: 'x' }],
    ['iat as text', { ...CLAIMS, iat: 'x' }],
  ])('with claims of %s', (_what, claims) => {
    expect(check(signed(HS512, claims))).toBe('claims');
  });
  it('of a wrong issuer or audience, or of none, where the record sets one', () => {
    expect(check(signed(HS512, CLAIMS), strict)).toBe('good');
    expect(check(signed(HS512, { ...CLAIMS, aud: 'c' }), strict)).toBe('good');
    for (const iss of ['them', undefined, ['us'], 'us ']) {
      expect(check(signed(HS512, { ...CLAIMS, iss }), strict)).toBe('issuer');
    }
    for (const aud of ['a', undefined, ['a'], [], [['b']], { b: 1 }, 'bc']) {
      expect(check(signed(HS512, { ...CLAIMS, aud }), strict)).toBe('audience');
    }
  });
  it('without exp', () => {
    expect(check(signed(HS512, { sub: 'ada' }))).toBe('no_expiry');
  });
});

describe('30 s of leeway', () => {
  const at = (claims: object, nowMs: number, of = codec) => of.check(signed(HS512, claims), nowMs);
  it('keep a token good before exp + 30 s', () => {
    expect(at({ exp: NOW }, NOW_MS + 29_999)).toMatchObject({ kind: 'good', expiresAtMs: NOW_MS });
    expect(at({ exp: NOW }, NOW_MS + 30_000)).toMatchObject({ kind: 'bad', fault: 'expired' });
  });
  it('let a token in from nbf - 30 s on', () => {
    expect(at({ exp: NOW + 60, nbf: NOW }, NOW_MS - 30_000)).toMatchObject({ kind: 'good' });
    expect(at({ exp: NOW + 60, nbf: NOW }, NOW_MS - 30_001)).toMatchObject({ kind: 'bad', fault: 'not_yet_valid' });
  });
  it('are all that an expired token lacks: it comes with its claims, any other without', () => {
    const claims = { ...CLAIMS, exp: NOW - 31 };
    const expired = { kind: 'bad', fault: 'expired', claims, expiresAtMs: (NOW - 31) * 1000 };
    expect(at(claims, NOW_MS, strict)).toEqual(expired);
    const bare = { kind: 'bad', claims: null, expiresAtMs: null };
    expect(at({ ...claims, iss: 'them' }, NOW_MS, strict)).toEqual({ ...bare, fault: 'issuer' });
    expect(at({ ...claims, nbf: NOW + 99 }, NOW_MS, strict)).toEqual({ ...bare, fault: 'not_yet_valid' });
    expect(strict.check(signed(HS512, claims, 'other'.padEnd(64)), NOW_MS)).toEqual({ ...bare, fault: 'signature' });
  });
});

describe('an encrypted token is refused', () => {
  const fault = async (token: string | Promise<string>, of = nested) => {
    const result = await of.check(await token, NOW_MS);
    return result.kind === 'bad' ? result.fault : 'good';
  };
  const inner = signed(HS512, CLAIMS);
  it('for what is inside', async () => {
    expect(await fault(encrypted(inner))).toBe('good');
    expect(await fault(encrypted(signed(HS512, CLAIMS, 'other'.padEnd(64))))).toBe('signature');
    expect(await fault(encrypted(signed({ alg: 'none' }, CLAIMS)))).toBe('algorithm');
    expect(await fault(encrypted(JSON.stringify(CLAIMS)))).toBe('malformed');
    expect(await fault(encrypted(await encrypted(inner)))).toBe('malformed');
    expect(await fault(encrypted(inner, { cty: 'text/plain' }))).toBe('malformed');
    expect(await fault(encrypted(inner), codecOf({ encryptionSecret: KEY }))).toBe('claims');
    expect(await fault(encrypted(JSON.stringify(CLAIMS), { cty: 'JWT' }), codecOf({ encryptionSecret: KEY }))).toBe(
      'malformed',
    );
  });
  it('for another algorithm or method, and for compression', async () => {
    expect(await fault(encrypted(inner, { enc: 'A128GCM' }))).toBe('algorithm');
    expect(await fault(encrypted(inner, { alg: 'A256GCMKW' }))).toBe('algorithm');
    expect(await fault(encrypted(inner, { zip: 'DEF' }))).toBe('algorithm');
  });
  it('for another key', async () => {
    expect(await fault(encrypted(inner), codecOf({ signingSecret: SECRET, encryptionSecret: 'o'.repeat(32) }))).toBe(
      'decryption',
    );
  });
  it('where none is expected, and the other way round', async () => {
    expect(await fault(encrypted(inner), codec)).toBe('malformed');
    expect(await fault(inner)).toBe('malformed');
  });
  it('for each byte of it that is changed', async () => {
    const token = await encrypted(inner);
    for (let index = 0; index < token.length; index += 7) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const altered = token.slice(0, index) + other + token.slice(index + 1);
      expect([index, await fault(altered)]).not.toEqual([index, 'good']);
    }
  });
});

describe('an unsigned token', () => {
  const unsigned = codecOf({ issuer: 'us' });
  const token = `${segment({ alg: 'none' })}.${segment(CLAIMS)}.`;
  it('is checked in all but its signature', async () => {
    expect(check(token, unsigned)).toBe('good');
    expect(check(`${token}AA`, unsigned)).toBe('signature');
    expect(check(signed(HS512, CLAIMS), unsigned)).toBe('algorithm');
    expect(check(`${segment({ alg: 'none' })}.${segment({ ...CLAIMS, iss: 'them' })}.`, unsigned)).toBe('issuer');
    expect(faultOf(unsigned.check(await unsigned.issue({}, LIFE), NOW_MS))).toBe('good');
  });
});

describe('ten thousand altered tokens', () => {
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const kinds: readonly TokenRecord[] = [
    { signingSecret: SECRET },
    {
      signingSecret: [
        { kid: 'a', secret: SECRET },
        { kid: 'b', secret: SECRET.toUpperCase() },
      ],
    },
    { signingSecret: pem as string, signingAlgorithm: 'ES256' },
    { signingSecret: SECRET, encryptionSecret: KEY },
    { encryptionSecret: KEY, encryptionAlgorithm: 'dir' },
  ];
  const mutation = fc.record({
    kind: fc.nat(kinds.length - 1),
    at: fc.nat(2000),
    drop: fc.nat(4),
    insert: fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('.', '=', '-', '_', 'A', '..', ' '),
    ),
  });
  it('are all refused, and none of them throws', async () => {
    const codecs = kinds.map(codecOf);
    const tokens = await Promise.all(codecs.map((of) => of.issue({ sub: 'ada', roles: ['x'] }, LIFE)));
    await fc.assert(
      fc.asyncProperty(mutation, async ({ kind, at, drop, insert }) => {
        const token = tokens[kind]!;
        const place = at % token.length;
        const altered = token.slice(0, place) + insert + token.slice(place + drop);
        const result = await codecs[kind]!.check(altered, NOW_MS);
        expect(result.kind).toBe(altered === token ? 'good' : 'bad');
        if (result.kind === 'bad') expect(result.fault).not.toBe('expired');
      }),
      { numRuns: 10_000 },
    );
  }, 60_000);
});
