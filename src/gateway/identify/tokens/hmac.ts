import { hash } from 'node:crypto';

/** Bytes of a block of each hash (RFC 2104, 2; FIPS 180-4). */
const BLOCK_BYTES: Readonly<Record<string, number>> = { sha256: 64, sha384: 128, sha512: 128 };
/** Longer texts get a buffer of their own. */
const SHARED_BYTES = 16_384;

/**
 * HMAC (RFC 2104) of two one-shot hashes. Node's Hmac objects are made, and cleared away by the collector, at three times the cost of the
 * hashing itself, and a gateway checks a token for each that it has not met (docs/performance.md).
 */
export class OneShotHmac {
  private readonly blockBytes: number;
  private readonly inner: Buffer;
  private readonly outer: Buffer;
  /** What of the inner buffer the last text took: tokens of one kind are of few lengths. */
  private view: Buffer;

  /** @param algorithm sha256, sha384 or sha512 */
  constructor(
    private readonly algorithm: string,
    digestBytes: number,
    secret: Buffer,
  ) {
    const blockBytes = BLOCK_BYTES[algorithm];
    if (blockBytes === undefined) throw new Error(`${algorithm} has no HMAC here`);
    this.blockBytes = blockBytes;
    const key = secret.length > blockBytes ? hash(algorithm, secret, 'buffer') : secret;
    this.inner = Buffer.alloc(blockBytes + SHARED_BYTES);
    this.inner.fill(0x36, 0, blockBytes);
    this.view = this.inner;
    this.outer = Buffer.alloc(blockBytes + digestBytes, 0x5c);
    for (const [index, byte] of key.entries()) {
      this.inner[index]! ^= byte;
      this.outer[index]! ^= byte;
    }
  }

  /** base64url. @param text of one byte a character */
  digest(text: string): string {
    const { algorithm, blockBytes, outer } = this;
    const inner = this.innerOf(text);
    // A check is over before the next one begins, so all share the buffers.
    // As text: a buffer of its own costs twice the hashing.
    outer.write(hash(algorithm, inner, 'binary'), blockBytes, 'latin1');
    return hash(algorithm, outer, 'base64url');
  }

  private innerOf(text: string): Buffer {
    const { inner, blockBytes } = this;
    if (text.length > SHARED_BYTES) return Buffer.concat([inner.subarray(0, blockBytes), Buffer.from(text, 'latin1')]);
    const end = blockBytes + inner.write(text, blockBytes, 'latin1');
    if (this.view.length !== end) this.view = inner.subarray(0, end);
    return this.view;
  }
}
