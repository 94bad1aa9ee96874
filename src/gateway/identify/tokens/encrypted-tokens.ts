import { CompactEncrypt, compactDecrypt, type DecryptOptions } from 'jose';
import { type Refused, refused } from './checked-token.js';
import { encryptedDots, utf8Text } from './base64url.js';
import type { EncryptionKey } from './encryption-key.js';
import type { KeyRing } from './key-ring.js';
import { readHeader, saysToken } from './token-header.js';

/** Compact JWE of one algorithm and method (RFC 7516, 7.1), with claims or with a signed token inside. */
export class EncryptedTokens {
  private readonly expected: Readonly<Record<string, string>>;
  private readonly options: DecryptOptions;

  constructor(
    private readonly algorithm: string,
    private readonly method: string,
    private readonly ring: KeyRing<EncryptionKey>,
    private readonly holdsToken: boolean,
  ) {
    this.expected = { alg: algorithm, enc: method };
    this.options = {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: [method],
      // Refused with the header already; twice, since an inflated token is a bomb.
      maxDecompressedLength: 0,
    };
  }

  /** What a token holds. Never rejects. */
  open(token: string): Promise<string | Refused> | Refused {
    const dots = encryptedDots(token);
    if (dots === null) return refused('malformed');
    const header = readHeader(token.slice(0, dots[0]), this.expected);
    if ('kind' in header) return header;
    // Without a content type: tokens of the original may lack it, and what is inside shows by itself.
    if (header.contentType !== null && saysToken(header.contentType) !== this.holdsToken) return refused('malformed');
    const keys = this.ring.candidates(header.kid);
    return keys.length === 0 ? refused('key') : this.decrypt(token, keys);
  }

  /** Encrypts with the first key. */
  make(content: string): Promise<string> {
    const { kid, encrypting } = this.ring.first;
    const header = { alg: this.algorithm, enc: this.method, typ: 'JWT' };
    return new CompactEncrypt(Buffer.from(content))
      .setProtectedHeader({ ...header, ...(this.holdsToken ? { cty: 'JWT' } : {}), ...(kid === null ? {} : { kid }) })
      .encrypt(encrypting);
  }

  private async decrypt(token: string, keys: readonly EncryptionKey[]): Promise<string | Refused> {
    for (const { decrypting } of keys) {
      try {
        const { plaintext } = await compactDecrypt(token, decrypting, this.options);
        return utf8Text(plaintext) ?? refused('claims');
      } catch {
        // Another key may fit; why this one does not is nobody's business.
      }
    }
    return refused('decryption');
  }
}
