import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encryptedDots, segmentText, signedDots } from './base64url.js';

const canonical = (segment: string): boolean => Buffer.from(segment, 'base64url').toString('base64url') === segment;
const text = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: fc.constantFrom(...'ABCDZabcdz0189-_=+/ \n'), maxLength: 6 }),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
);

describe('a token is canonical base64url', () => {
  it('where each segment is what its bytes are encoded to', () => {
    fc.assert(
      fc.property(fc.tuple(text, text, text), (segments) => {
        const [header, payload] = segments;
        const isCanonical =
          segments.every(canonical) && header !== '' && payload !== '' && !segments.join('').includes('.');
        expect([segments, signedDots(segments.join('.')) !== null]).toEqual([segments, isCanonical]);
      }),
      { numRuns: 5000 },
    );
  });
  it.each(['QQ.QQ.QQ', 'QUE.QUFB.QUE', 'QQ.QQ.'])('as %s', (token) => {
    expect(signedDots(token)).not.toBeNull();
  });
  it.each(['QR.QQ.QQ', 'QQ.QR.QQ', 'QQ.QQ.QR', 'QUF.QQ.QQ', 'Q.QQ.QQ', 'QQ.QQ.QQQQQ'])('and not as %s', (token) => {
    expect(signedDots(token)).toBeNull();
  });
  it('with five segments where it is encrypted, two of which may be empty', () => {
    expect(encryptedDots('QQ.QQ.QQ.QQ.QQ')).toEqual([2, 5, 8, 11]);
    expect(encryptedDots('QQ..QQ..QQ')).toEqual([2, 3, 6, 7]);
    for (const token of ['QQ.QQ..QQ.QQ', 'QQ.QQ.QQ.QQ.', '.QQ.QQ.QQ.QQ', 'QQ.QQ.QQ.QQ', 'QQ.QR.QQ.QQ.QQ']) {
      expect(encryptedDots(token)).toBeNull();
    }
  });
  it('and its text is UTF-8', () => {
    expect(segmentText(Buffer.from('é😀').toString('base64url'))).toBe('é😀');
    expect(segmentText(Buffer.from([0xc3]).toString('base64url'))).toBeNull();
  });
});
