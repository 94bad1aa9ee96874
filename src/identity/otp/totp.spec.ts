import { describe, expect, it } from '@jest/globals';
import { base32 } from './base32.js';
import { recoveryCodes, recoveryDigest } from './recovery-codes.js';
import { otpUri, stepOf, totpCode } from './totp.js';

const SECRET = Buffer.from('12345678901234567890');

describe('one-time passwords', () => {
  // RFC 4226, appendix D.
  it('are those of RFC 4226', () => {
    expect(Array.from({ length: 10 }, (_, step) => totpCode(SECRET, step))).toEqual([
      ...['755224', '287082', '359152', '969429', '338314'],
      ...['254676', '287922', '162583', '399871', '520489'],
    ]);
  });
  // RFC 6238, appendix B, the last six digits.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('are those of RFC 6238 at %i s', (seconds, code) => {
    expect(totpCode(SECRET, Math.floor(seconds / 30))).toBe(code);
    expect(stepOf(SECRET, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });
  it('count in the step before and after, and no further', () => {
    const at = (step: number) => stepOf(SECRET, totpCode(SECRET, step), 100 * 30_000);
    expect([98, 99, 100, 101, 102].map(at)).toEqual([null, 99, 100, 101, null]);
  });
  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６', '755224 '])('are no "%s"', (code) => {
    expect(stepOf(SECRET, code, 0)).toBeNull();
  });
  it('are told to an app with issuer and name, whatever is in them', () => {
    expect(otpUri(SECRET, 'My shop', 'a:b?')).toBe(
      'otpauth://totp/My%20shop:a%3Ab%3F?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=My%20shop&algorithm=SHA1&digits=6&period=30',
    );
  });
});

describe('base32', () => {
  // RFC 4648, 10, without padding.
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('of "%s" is %s', (text, expected) => {
    expect(base32(Buffer.from(text))).toBe(expected);
  });
});

describe('recovery codes', () => {
  it('are ten different ones that can be read aloud', () => {
    const codes = recoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^(?:[a-z2-7]{4}-){3}[a-z2-7]{4}$/);
  });
  it('are the same however they are typed', () => {
    const code = recoveryCodes()[0]!;
    const digest = recoveryDigest(code);
    expect([recoveryDigest(code.toUpperCase()), recoveryDigest(code.replaceAll('-', ' '))]).toEqual([digest, digest]);
    expect([recoveryDigest('123456'), recoveryDigest(`${code}a`), recoveryDigest('')]).toEqual([null, null, null]);
  });
});
