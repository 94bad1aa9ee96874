import { isUtf8 } from 'node:buffer';

/**
 * Text that is not canonical base64url is refused (RFC 7515, appendix C; RFC 4648, 3.5): two spellings of one token would have
 * two digests, and a revoked one could be spelt anew. Forms first: one pass over the token finds padding, white space and
 * other alphabets. What is left to look at is the end of each segment.
 */
const SIGNED_FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const ENCRYPTED_FORM = /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]*\.[\w-]+$/;

/** Bits that the last character of a segment may not have, by length of the segment modulo 4. */
const STRAY_BITS = [0, -1, 15, 3];
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUE_OF = new Int8Array(128);
for (let value = 0; value < ALPHABET.length; value++) VALUE_OF[ALPHABET.charCodeAt(value)] = value;

/** Whether `text` ends a canonical segment at `to` that began at `from`. Its characters are those of the alphabet already. */
function endsWell(text: string, from: number, to: number): boolean {
  const stray = STRAY_BITS[(to - from) & 3]!;
  if (stray === 0) return true;
  return stray !== -1 && (VALUE_OF[text.charCodeAt(to - 1)]! & stray) === 0;
}

/** Ends of the segments but the last, or null where the token is not of that many canonical ones. */
function dotsOf(token: string, count: number): readonly number[] | null {
  const dots: number[] = [];
  let from = 0;
  for (let segment = 0; segment < count; segment++) {
    const dot = segment === count - 1 ? token.length : token.indexOf('.', from);
    if (!endsWell(token, from, dot)) return null;
    if (segment < count - 1) dots.push(dot);
    from = dot + 1;
  }
  return dots;
}

/** The two dots of a canonical compact JWS (its signature may be empty), or null. */
export function signedDots(token: string): readonly number[] | null {
  return SIGNED_FORM.test(token) ? dotsOf(token, 3) : null;
}

/** The four dots of a canonical compact JWE (key and ciphertext may be empty), or null. */
export function encryptedDots(token: string): readonly number[] | null {
  return ENCRYPTED_FORM.test(token) ? dotsOf(token, 5) : null;
}

/** The text that a canonical segment holds; null if its bytes are no UTF-8. */
export function segmentText(segment: string): string | null {
  return utf8Text(Buffer.from(segment, 'base64url'));
}

export function utf8Text(bytes: Uint8Array): string | null {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8') : null;
}
