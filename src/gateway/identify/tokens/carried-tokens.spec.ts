import { describe, expect, it } from '@jest/globals';
import type { TokenRecord } from '../../../contracts/records.js';
import { CARRIED_CLAIM, tokenCarrierOf, type CarriedTokens } from './carried-tokens.js';

const OLD = 'o'.repeat(64);
const NEW = 'n'.repeat(64);
const TOKENS: CarriedTokens = { accessToken: 'access-Ünal', refreshToken: 'refresh', idToken: null };
const carrierOf = (record: TokenRecord) => tokenCarrierOf(record)!;
const signed = carrierOf({ signingSecret: NEW });
const inClaims = (sealed: unknown) => ({ sub: 'ada', [CARRIED_CLAIM]: sealed });

describe('the tokens that a signed token carries', () => {
  it.each<CarriedTokens>([TOKENS, { ...TOKENS, refreshToken: null }, { ...TOKENS, idToken: 'id' }])(
    'come out as they went in: %j',
    (tokens) => expect(signed.read(inClaims(signed.claim(tokens)))).toEqual(tokens),
  );
  it('cannot be read by who has the token alone, and are never sealed alike', () => {
    const sealed = [signed.claim(TOKENS), signed.claim(TOKENS)].map(String);
    expect(sealed[0]).not.toBe(sealed[1]);
    for (const each of sealed) expect(Buffer.from(each, 'base64url').toString('latin1')).not.toMatch(/access|refresh/);
  });
  it('are read by every secret of the record, and sealed by the first', () => {
    const rotated = carrierOf({
      signingSecret: [
        { kid: '2', secret: NEW },
        { kid: '1', secret: OLD },
      ],
    });
    expect(rotated.read(inClaims(carrierOf({ signingSecret: OLD }).claim(TOKENS)))).toEqual(TOKENS);
    expect(signed.read(inClaims(rotated.claim(TOKENS)))).toEqual(TOKENS);
    expect(carrierOf({ signingSecret: OLD }).read(inClaims(rotated.claim(TOKENS)))).toBeNull();
  });
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 7],
    ['a text', 'abc'],
    ['no text at all', ''],
    ['a list in the clear', ['access', 'refresh']],
    ['a text that is cut off', String(signed.claim(TOKENS)).slice(0, -4)],
    ['a text that is altered', `A${String(signed.claim(TOKENS)).slice(1)}B`],
  ])('are none where there is %s', (_what, sealed) => expect(signed.read(inClaims(sealed))).toBeNull());
});

describe('the tokens that an encrypted token carries', () => {
  const encrypted = carrierOf({ encryptionSecret: 'e'.repeat(32), signingSecret: NEW });

  it('are not encrypted once more', () => {
    expect(encrypted.claim(TOKENS)).toEqual(['access-Ünal', 'refresh']);
    expect(encrypted.read(inClaims(encrypted.claim({ ...TOKENS, idToken: 'id' })))).toEqual({
      ...TOKENS,
      idToken: 'id',
    });
  });
  it.each([[undefined], ['x'], [[]], [[7]], [{}]])('are none where they are no list: %j', (value) =>
    expect(encrypted.read(inClaims(value))).toBeNull(),
  );
});

it('a record without a secret carries none', () => {
  expect(tokenCarrierOf({})).toBeNull();
});
