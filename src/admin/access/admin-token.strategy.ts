import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { createSecretKey } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Strategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import { IDENTITIES, type Identities } from '../../contracts/identities.js';
import { type Administrator, byLogin } from '../administrator.js';
import { ADMIN_TYPE } from '../roles.js';
import { afterScheme } from './authorization.js';

export const TOKEN_STRATEGY = 'admin-token';

/** As gateway tokens. */
const MOST_TOKEN_LENGTH = 8192;

/** Tokens that a login of an administrator brought: HS512 under a key that signs nothing else. */
@Injectable()
export class AdminTokenStrategy extends PassportStrategy(Strategy, TOKEN_STRATEGY) {
  constructor(@Inject(IDENTITIES) private readonly identities: Identities) {
    super(optionsOf(identities));
  }

  /** @throws IdentityFault where the login is over, or the database cannot be asked */
  async validate(claims: unknown): Promise<Administrator | false> {
    const { sub, type, sid, exp } = claims as Readonly<Record<string, unknown>>;
    // A library that checks an end where there is one lets a token without one live for ever.
    if (typeof sub !== 'string' || type !== ADMIN_TYPE || typeof sid !== 'string' || typeof exp !== 'number')
      return false;
    return byLogin(await this.identities.userOf({ sub, type, sid }), sid);
  }
}

function optionsOf(identities: Identities): StrategyOptionsWithoutRequest {
  return {
    algorithms: ['HS512'],
    jwtFromRequest: ({ headers }: FastifyRequest) => afterScheme(headers.authorization, 'Bearer'),
    secretOrKeyProvider: (_request, token: unknown, done) => {
      const key = keyOf(identities, String(token));
      // The key goes in as what it is: a text could be read as a public key.
      if (key === null) done(new Error('nobody has signed this token'));
      else done(null, createSecretKey(key) as unknown as Buffer);
    },
  };
}

function keyOf(identities: Identities, token: string): Buffer | null {
  if (token.length > MOST_TOKEN_LENGTH) return null;
  try {
    const text = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString();
    const header = JSON.parse(text) as { readonly kid?: unknown } | null;
    const kid = header?.kid;
    return kid === undefined || typeof kid === 'string' ? identities.verificationKey(ADMIN_TYPE, kid) : null;
  } catch {
    return null;
  }
}
