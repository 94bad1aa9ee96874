import { type Refused, refused } from './checked-token.js';
import { segmentText, signedDots } from './base64url.js';
import { readHeader } from './token-header.js';

const EXPECTED = { alg: 'none' };
const HEADER = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');

/** Unsecured tokens (RFC 7519, 6): only for a record without secrets, and only where token.allowUnsigned says so. */
export const UNSIGNED_TOKENS = {
  open(token: string): string | Refused {
    const dots = signedDots(token);
    if (dots === null) return refused('malformed');
    const [headerEnd, payloadEnd] = dots as [number, number];
    const header = readHeader(token.slice(0, headerEnd), EXPECTED);
    if ('kind' in header) return header;
    if (payloadEnd + 1 !== token.length) return refused('signature');
    return segmentText(token.slice(headerEnd + 1, payloadEnd)) ?? refused('claims');
  },
  async make(content: string): Promise<string> {
    return `${HEADER}.${Buffer.from(content).toString('base64url')}.`;
  },
};
