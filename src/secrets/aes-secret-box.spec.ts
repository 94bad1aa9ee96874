import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { AesSecretBox, fingerprintOf } from './aes-secret-box.js';
import { UnopenableSeal } from './secret-box.js';

const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const old = new AesSecretBox([oldKey]);
const both = new AesSecretBox([newKey, oldKey]);

/** The same text with another character at the place, counted from its end. */
function changedAt(text: string, fromEnd: number): string {
  const at = text.length - fromEnd;
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

describe('a sealed text', () => {
  it('opens to what it was, in the same context', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
        expect(old.open(old.seal(text, context), context)).toBe(text);
      }),
    );
  });
  it('is one line that names its key and does not show the text', () => {
    const sealed = old.seal('hunter2\nhunter2', 'a');
    expect(sealed).toMatch(/^sealed:1:[A-Za-z0-9_-]{16}:[A-Za-z0-9_-]+$/);
    expect(old.sealedBy(sealed)).toBe(old.fingerprint);
    expect(old.isSealed(sealed)).toBe(true);
  });
  it('is another one each time', () => {
    const sealed = Array.from({ length: 100 }, () => old.seal('x', 'a'));
    expect(new Set(sealed).size).toBe(100);
  });
  it('does not open in another context', () => {
    expect(() => old.open(old.seal('x', 'channel/a'), 'channel/b')).toThrow(UnopenableSeal);
  });
  it('does not open once a character of nonce, text or tag has changed', () => {
    const sealed = old.seal('some text', 'a');
    const body = sealed.length - 'sealed:1:0123456789abcdef:'.length;
    // The last character may hold bits that count for nothing.
    for (let fromEnd = 2; fromEnd <= body; fromEnd += 1) {
      expect(() => old.open(changedAt(sealed, fromEnd), 'a')).toThrow(UnopenableSeal);
    }
  });
  it('does not open with another key, and says which one it wants', () => {
    const other = new AesSecretBox([newKey]);
    expect(() => other.open(old.seal('hunter2', 'a'), 'a')).toThrow(old.fingerprint);
    expect(() => other.open(old.seal('hunter2', 'a'), 'a')).not.toThrow('hunter2');
  });
  it.each(['', 'x', 'sealed:1:', 'sealed:2:0123456789abcdef:AAAA', 'sealed:1:0123456789abcdef:AAAA'])(
    'is not %j',
    (text) => {
      expect(old.isSealed(text)).toBe(false);
      expect(old.sealedBy(text)).toBeNull();
      expect(() => old.open(text, 'a')).toThrow(UnopenableSeal);
    },
  );
});

describe('two keys', () => {
  it('both open, and the first seals', () => {
    expect(both.open(old.seal('x', 'a'), 'a')).toBe('x');
    expect(both.sealedBy(both.seal('x', 'a'))).toBe(fingerprintOf(newKey));
    expect(both.fingerprints).toEqual([fingerprintOf(newKey), fingerprintOf(oldKey)]);
  });
  it('are one where they are the same', () => {
    expect(new AesSecretBox([oldKey, oldKey]).fingerprints).toHaveLength(1);
  });
  it('have 32 bytes each', () => {
    expect(() => new AesSecretBox([oldKey, randomBytes(31)])).toThrow('32 bytes');
  });
});

describe('a fingerprint', () => {
  it('names a key, the same everywhere', () => {
    expect(fingerprintOf(Buffer.alloc(32, 1))).toBe(fingerprintOf(Buffer.alloc(32, 1)));
    expect(fingerprintOf(oldKey)).not.toBe(fingerprintOf(newKey));
    expect(fingerprintOf(oldKey)).toHaveLength(16);
  });
});
