import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { OneShotHmac } from './hmac.js';

const HASHES = [
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
] as const;

describe.each(HASHES)('HMAC with %s', (hash, bytes) => {
  it('is that of OpenSSL for any key and text, one after another with the same key', () => {
    const text = fc.string({ unit: 'binary-ascii', maxLength: 400 });
    const secret = fc.uint8Array({ minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(secret, fc.array(text, { minLength: 1, maxLength: 4 }), (key, texts) => {
        const hmac = new OneShotHmac(hash, bytes, Buffer.from(key));
        for (const each of texts)
          expect(hmac.digest(each)).toBe(createHmac(hash, key).update(each, 'latin1').digest('base64url'));
      }),
      { numRuns: 300 },
    );
  });
  it.each([63, 64, 65, 127, 128, 129])('is so for a key of %i bytes, about the length of a block', (length) => {
    const key = Buffer.alloc(length, 7);
    expect(new OneShotHmac(hash, bytes, key).digest('x')).toBe(createHmac(hash, key).update('x').digest('base64url'));
  });
  it('is so for a text longer than a token may be', () => {
    const key = Buffer.alloc(bytes, 1);
    const text = 'a'.repeat(50_000);
    expect(new OneShotHmac(hash, bytes, key).digest(text)).toBe(createHmac(hash, key).update(text).digest('base64url'));
  });
});

describe('the examples of RFC 4231', () => {
  it('come out', () => {
    const hex = (text: string) => Buffer.from(text, 'base64url').toString('hex');
    const one = new OneShotHmac('sha256', 32, Buffer.alloc(20, 0x0b)).digest('Hi There');
    expect(hex(one)).toBe('b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7');
    const two = new OneShotHmac('sha512', 64, Buffer.from('Jefe')).digest('what do ya want for nothing?');
    expect(hex(two).slice(0, 32)).toBe('164b7a7bfcf819e2e395fbe73b56e0a3');
  });
});
