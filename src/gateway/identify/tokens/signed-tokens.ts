import { type Refused, refused } from './checked-token.js';
import { segmentText, signedDots } from './base64url.js';
import type { KeyRing } from './key-ring.js';
import type { SignatureKey } from './signature-key.js';
import { readHeader } from './token-header.js';

/** Headers whose keys are known by their text. Tokens of one kind have one or two. */
const MAX_KNOWN_HEADERS = 64;

/** Compact JWS of one algorithm (RFC 7515, 7.1). All synchronous: see the figures in test/bench/tokens.mjs. */
export class SignedTokens {
  /** The header of our own, and those of tokens that were good: nobody but us can fill it. */
  private readonly known = new Map<string, readonly SignatureKey[]>();
  private readonly expected: Readonly<Record<string, string>>;
  private readonly header: string;

  constructor(
    algorithm: string,
    private readonly ring: KeyRing<SignatureKey>,
  ) {
    const { kid } = ring.first;
    this.expected = { alg: algorithm };
    const header = { alg: algorithm, typ: 'JWT', ...(kid === null ? {} : { kid }) };
    this.header = Buffer.from(JSON.stringify(header)).toString('base64url');
    this.known.set(this.header, ring.candidates(kid));
  }

  /** What a token holds, once its signature is found good. */
  open(token: string): string | Refused {
    const dots = signedDots(token);
    if (dots === null) return refused('malformed');
    const [headerEnd, payloadEnd] = dots as [number, number];
    const header = token.slice(0, headerEnd);
    const known = this.known.get(header);
    const keys = known ?? this.keysFor(header);
    if ('kind' in keys) return keys;
    const text = token.slice(0, payloadEnd);
    const signature = token.slice(payloadEnd + 1);
    if (!isSignedByOne(keys, text, signature)) return refused('signature');
    if (known === undefined) this.remember(header, keys);
    return segmentText(token.slice(headerEnd + 1, payloadEnd)) ?? refused('claims');
  }

  /** Signs with the first key. */
  async make(content: string): Promise<string> {
    const text = `${this.header}.${Buffer.from(content).toString('base64url')}`;
    return `${text}.${await this.ring.first.sign!(text)}`;
  }

  private keysFor(segment: string): readonly SignatureKey[] | Refused {
    const header = readHeader(segment, this.expected);
    if ('kind' in header) return header;
    const keys = this.ring.candidates(header.kid);
    return keys.length === 0 ? refused('key') : keys;
  }

  private remember(header: string, keys: readonly SignatureKey[]): void {
    if (this.known.size >= MAX_KNOWN_HEADERS) this.known.clear();
    // A copy: a slice would keep its whole token alive.
    this.known.set(Buffer.from(header, 'latin1').toString('latin1'), keys);
  }
}

function isSignedByOne(keys: readonly SignatureKey[], text: string, signature: string): boolean {
  for (const key of keys) if (key.verify(text, signature)) return true;
  return false;
}
