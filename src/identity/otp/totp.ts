import { createHmac, timingSafeEqual } from 'node:crypto';
import { base32 } from './base32.js';

const STEP_MS = 30_000;
const DIGITS = 6;
const CODE = /^\d{6}$/;

/** One-time code of a step (RFC 4226, 5.3, with SHA-1, which is what authenticator apps know). */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac[mac.length - 1]! & 15;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** DIGITS;
  return String(number).padStart(DIGITS, '0');
}

/** The step whose code it is: the current one, the one before or after (RFC 6238, 5.2). Null: none of them. */
export function stepOf(secret: Uint8Array, code: string, nowMs: number): number | null {
  if (!CODE.test(code)) return null;
  const now = Math.floor(nowMs / STEP_MS);
  let found: number | null = null;
  // All three, so that the time tells nothing.
  for (const step of [now - 1, now, now + 1])
    if (step >= 0 && timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code))) found = step;
  return found;
}

/** What an authenticator app reads from a QR code. */
export function otpUri(secret: Uint8Array, issuer: string, username: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(username)}`;
  const fields = `secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_MS / 1000}`;
  return `otpauth://totp/${label}?${fields}`;
}
