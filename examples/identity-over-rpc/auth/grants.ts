import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { JsonObject } from '../../runner-kit/index.js';
import { ExpiringMap } from '../expiring-map.js';
import { AccessTokens } from './access-token.js';
import { expiredToken, invalidToken } from './refusals.js';
import { emailOf, type User } from './users.js';

export interface GrantOptions {
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
  readonly maxGrants: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** One login, from its first tokens over all refreshes to its logout. */
export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly type: string;
  readonly refreshDigest: Buffer;
  /** Epoch ms. */
  readonly refreshExpire: number;
}

/** The logins in force. An access token counts as long as its grant is here; a refresh token counts once. */
export class Grants {
  private readonly grants: ExpiringMap<Grant>;
  private readonly accessTokens = new AccessTokens();

  constructor(private readonly options: GrantOptions) {
    const { accessSeconds, refreshSeconds, maxGrants, now } = options;
    const ttlMs = Math.max(accessSeconds, refreshSeconds) * 1000;
    this.grants = new ExpiringMap({ ttlMs, maxEntries: maxGrants, now });
  }

  /** New tokens: of a new grant, or the next ones of a grant, whose refresh token so far is used up. */
  issue(user: User, id: string = randomUUID()): JsonObject {
    const { accessSeconds, refreshSeconds, now } = this.options;
    const secret = randomBytes(32).toString('base64url');
    const refreshExpire = now() + refreshSeconds * 1000;
    this.grants.set(id, { id, userId: user.id, type: user.type, refreshDigest: digest(secret), refreshExpire });
    return {
      access_token: this.accessToken(user, id),
      refresh_token: `${id}.${secret}`,
      token_type: 'Bearer',
      expires_in: accessSeconds,
      refresh_expires_in: refreshSeconds,
    };
  }

  /** The grant of an access token in force. @throws RunnerError 10124, 10125 */
  ofAccessToken(token: string, type: string): Grant {
    const claims = this.accessTokens.read(token);
    if (claims === null || claims.type !== type) throw invalidToken();
    if (claims.exp * 1000 <= this.options.now()) throw expiredToken();
    const grant = this.grants.get(claims.sid);
    if (grant === undefined) throw invalidToken();
    return grant;
  }

  /** The grant of a refresh token that was not used yet. @throws RunnerError 10125 */
  ofRefreshToken(token: string, type: string): Grant {
    const [id = '', secret = ''] = token.split('.');
    const grant = this.grants.get(id);
    if (grant === undefined || grant.type !== type || grant.refreshExpire <= this.options.now()) throw invalidToken();
    if (!timingSafeEqual(grant.refreshDigest, digest(secret))) throw invalidToken();
    return grant;
  }

  revoke(grant: Grant): void {
    this.grants.delete(grant.id);
  }

  private accessToken({ id, type, roles, profile }: User, sid: string): string {
    const iat = Math.floor(this.options.now() / 1000);
    const email = emailOf(profile);
    const exp = iat + this.options.accessSeconds;
    return this.accessTokens.sign({
      iss: 'identity-over-rpc',
      sub: id,
      type,
      sid,
      ...(email === undefined ? {} : { email }),
      roles,
      iat,
      exp,
    });
  }
}

const digest = (secret: string) => createHash('sha256').update(secret).digest();
