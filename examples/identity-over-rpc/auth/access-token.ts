import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface AccessClaims {
  readonly iss: string;
  /** Id of the user. */
  readonly sub: string;
  readonly type: string;
  /** Id of the grant that it belongs to. */
  readonly sid: string;
  readonly email?: string;
  readonly roles: readonly string[];
  /** Epoch seconds. */
  readonly iat: number;
  /** Epoch seconds. */
  readonly exp: number;
}

/** Only this header is written, so only this one is accepted: no token chooses its own algorithm. */
const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/** Access tokens as HS256 JWTs, under a key that ends with the process. */
export class AccessTokens {
  private readonly key = randomBytes(32);

  sign(claims: AccessClaims): string {
    const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${signed}.${this.signature(signed)}`;
  }

  /** The claims of a token that we signed, expired or not; null for anything else. */
  read(token: string): AccessClaims | null {
    const [header, body, signature, ...more] = token.split('.');
    if (header !== HEADER || body === undefined || signature === undefined || more.length > 0) return null;
    // As text: decoding forgives, and each token must have one spelling only.
    const given = Buffer.from(signature);
    const expected = Buffer.from(this.signature(`${header}.${body}`));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as AccessClaims;
  }

  private signature(signed: string): string {
    return createHmac('sha256', this.key).update(signed).digest('base64url');
  }
}
