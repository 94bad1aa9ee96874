import { isUtf8 } from 'node:buffer';

/** One class and one tail that is not in it: nothing to go back for. */
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** The text in base64 (either alphabet, padded or not); null where it is no base64, or what it holds is no UTF-8. */
export function textInBase64(given: string): string | null {
  if (!BASE64.test(given)) return null;
  const padding = given.indexOf('=');
  const digits = padding === -1 ? given.length : padding;
  if (digits % 4 === 1 || (padding !== -1 && given.length % 4 !== 0)) return null;
  const bytes = Buffer.from(given, 'base64');
  return isUtf8(bytes) ? bytes.toString() : null;
}
