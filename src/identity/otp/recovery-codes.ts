import { createHash, randomBytes } from 'node:crypto';
import { base32 } from './base32.js';

const CODES = 10;
const BYTES = 10;
const FORM = /^[a-z2-7]{16}$/;

/** New codes of 80 random bits: `abcd-efgh-ijkl-mnop`. */
export function recoveryCodes(): readonly string[] {
  return Array.from({ length: CODES }, () => {
    const text = base32(randomBytes(BYTES)).toLowerCase();
    return text.replace(/(.{4})(?=.)/g, '$1-');
  });
}

/** What is kept of a code, however it is spaced; null where it is none. */
export function recoveryDigest(code: string): string | null {
  const plain = code.toLowerCase().replace(/[\s-]/g, '');
  return FORM.test(plain) ? createHash('sha256').update(plain).digest('base64url') : null;
}
