import { type Refused, refused } from './checked-token.js';
import { segmentText } from './base64url.js';
import { parsedObject } from './json-object.js';

export interface TokenHeader {
  readonly algorithm: unknown;
  /** `typ`; null where there is none. */
  readonly type: unknown;
  readonly kid: string | null;
  readonly contentType: string | null;
}

/**
 * Reads a header and holds it against what the record wants: the algorithm is the record's, never the token's. Extensions
 * (`crit`, `b64`, `zip`) are none of ours; keys that a token brings along (jwk, jku, x5c, x5u) are not looked at.
 * @param expected members that must be exactly so: `{alg}`, or `{alg, enc}`; of an issuer's tokens the key says what alg may be
 */
export function readHeader(segment: string, expected: Readonly<Record<string, string>>): TokenHeader | Refused {
  const header = parsedObject(segmentText(segment));
  if (header === null || 'crit' in header || !(header['b64'] === undefined || header['b64'] === true)) {
    return refused('malformed');
  }
  for (const name in expected) if (header[name] !== expected[name]) return refused('algorithm');
  if (header['zip'] !== undefined) return refused('algorithm');
  const { alg: algorithm, typ: type = null, kid = null, cty = null } = header;
  if (!(kid === null || typeof kid === 'string') || !(cty === null || typeof cty === 'string')) {
    return refused('malformed');
  }
  return { algorithm, type, kid, contentType: cty };
}

/** Whether a content type says that another token is inside (RFC 7519, 5.2). */
export function saysToken(contentType: string): boolean {
  const type = contentType.toLowerCase();
  return type === 'jwt' || type === 'application/jwt';
}
