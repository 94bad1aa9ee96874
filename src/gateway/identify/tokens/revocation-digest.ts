import { tokenDigest } from './verified-tokens.js';
import { readHeader } from './token-header.js';

/** The order of each curve (SEC 2, 2.4.2, 2.5.1, 2.6.1), by length of the signature in base64url. */
const CURVES: ReadonlyMap<number, { readonly algorithm: string; readonly order: bigint }> = new Map([
  [86, { algorithm: 'ES256', order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n }],
  [
    128,
    {
      algorithm: 'ES384',
      order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    },
  ],
  [
    176,
    {
      algorithm: 'ES512',
      order: 2n ** 521n - 2n ** 264n + 0xfa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    },
  ],
]);

/**
 * Of a signature of ECDSA (r, s) anyone can make (r, n - s), which is as good: a token that was revoked could be spelt anew. The one
 * with the smaller s stands for both; null: that is the token itself.
 */
export function smallerTwin(token: string): string | null {
  const dot = token.lastIndexOf('.');
  const curve = CURVES.get(token.length - dot - 1);
  if (curve === undefined || algorithmOf(token) !== curve.algorithm) return null;
  const bytes = Buffer.from(token.slice(dot + 1), 'base64url');
  const half = bytes.length / 2;
  const s = BigInt(`0x${bytes.toString('hex', half)}`);
  if (s * 2n <= curve.order || s >= curve.order) return null;
  bytes.write((curve.order - s).toString(16).padStart(half * 2, '0'), half, 'hex');
  return `${token.slice(0, dot + 1)}${bytes.toString('base64url')}`;
}

/** The digest by which a token is revoked, where it is not its own; null: it is. */
export function twinDigest(token: string): string | null {
  const twin = smallerTwin(token);
  return twin === null ? null : tokenDigest(twin);
}

/** The digest by which a token is revoked. */
export function revocationDigest(token: string): string {
  return twinDigest(token) ?? tokenDigest(token);
}

let lastHeader = '';
let lastAlgorithm: unknown = null;

/** Most tokens have the header of the last one. */
function algorithmOf(token: string): unknown {
  const text = token.slice(0, token.indexOf('.'));
  if (text !== lastHeader) {
    const header = readHeader(text, {});
    lastAlgorithm = 'kind' in header ? null : header.algorithm;
    lastHeader = text;
  }
  return lastAlgorithm;
}
