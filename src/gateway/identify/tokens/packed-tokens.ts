import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** What no JSON begins with. */
const PACKED = 1;
/** Of all tokens together, unpacked: twice what a gateway token holds in all. */
const MOST_BYTES = 65_536;

/** A segment as bytes of its base64url, or a text as it is, and its length. */
type Segment = readonly ['b' | 't', number];

/**
 * Tokens in few bytes: a browser keeps no cookie above 4096, and three JWTs in base64url, sealed and signed, are more. What a JWT
 * says is JSON once its base64url is off, and access and id token say much the same, so that it shrinks well; they come out to the letter.
 */
export function packedTokens(tokens: readonly (string | null)[]): Buffer {
  const plain = Buffer.from(JSON.stringify(tokens));
  const parts: Buffer[] = [];
  const form = tokens.map((token) => token?.split('.').map((text) => segmentOf(text, parts)) ?? null);
  const head = Buffer.from(JSON.stringify(form));
  const length = Buffer.alloc(2);
  if (head.length > 0xffff) return plain;
  length.writeUInt16BE(head.length);
  const packed = Buffer.concat([Buffer.of(PACKED), deflateRawSync(Buffer.concat([length, head, ...parts]))]);
  return packed.length < plain.length ? packed : plain;
}

/** What was packed; a list as JSON, too. @throws SyntaxError, RangeError for what never was */
export function unpackedTokens(bytes: Buffer): unknown {
  if (bytes[0] !== PACKED) return JSON.parse(bytes.toString());
  const all = inflateRawSync(bytes.subarray(1), { maxOutputLength: MOST_BYTES });
  const headEnd = 2 + all.readUInt16BE(0);
  let at = headEnd;
  const form = JSON.parse(all.subarray(2, headEnd).toString()) as (Segment[] | null)[];
  return form.map((segments) => {
    if (segments === null) return null;
    return segments
      .map(([kind, length]) => all.subarray(at, (at += length)).toString(kind === 'b' ? 'base64url' : 'utf8'))
      .join('.');
  });
}

function segmentOf(text: string, parts: Buffer[]): Segment {
  const bytes = Buffer.from(text, 'base64url');
  const isBase64url = bytes.toString('base64url') === text;
  const part = isBase64url ? bytes : Buffer.from(text);
  parts.push(part);
  return [isBase64url ? 'b' : 't', part.length];
}
