import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts with AES-256-GCM, as base64url.
 * @param text as UTF-8, or bytes
 * @param key of 32 bytes, of this use alone
 * @param place what the text belongs to: it opens nowhere else
 */
export function sealed(text: string | Buffer, key: Buffer, place = ''): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
  const parts = [iv, typeof text === 'string' ? cipher.update(text, 'utf8') : cipher.update(text), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]).toString('base64url');
}

/** What was sealed, null where none of the keys has sealed it for that place. */
export function opened(sealedText: string, keys: readonly Buffer[], place = ''): Buffer | null {
  const bytes = Buffer.from(sealedText, 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return null;
  for (const key of keys) {
    const text = openedBy(key, bytes, place);
    if (text !== null) return text;
  }
  return null;
}

function openedBy(key: Buffer, bytes: Buffer, place: string): Buffer | null {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES)).setAAD(Buffer.from(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([text, decipher.final()]);
  } catch {
    // Another key of the record may have sealed it.
    return null;
  }
}
