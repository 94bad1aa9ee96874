import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import { IDENTITIES, type Identities } from '../../contracts/identities.js';
import { type Administrator, byKey } from '../administrator.js';
import { ADMIN_TYPE } from '../roles.js';
import { afterScheme } from './authorization.js';

export const KEY_STRATEGY = 'admin-key';

const MOST_KEY_LENGTH = 512;

type Done = (error: unknown, administrator?: Administrator | false) => void;
type Validate = (key: string, done: Done) => void;

/** `Authorization: API-key …`, as passport has it: a strategy finds the credential, and hands it to validate. */
class ApiKeyStrategy extends passport.Strategy {
  constructor(private readonly check: Validate) {
    super();
  }

  override authenticate(request: unknown): void {
    const key = afterScheme((request as FastifyRequest).headers.authorization, 'API-key');
    if (key === null) this.fail(401);
    else if (key.length > MOST_KEY_LENGTH) this.fail(new Error('no key is as long as that'));
    else this.check(key, (error, administrator) => this.settle(error, administrator));
  }

  private settle(error: unknown, administrator: Administrator | false | undefined): void {
    if (error !== null && error !== undefined) this.error(error);
    else if (administrator === undefined || administrator === false) this.fail(401);
    else this.success(administrator);
  }
}

@Injectable()
export class AdminKeyStrategy extends PassportStrategy(ApiKeyStrategy, KEY_STRATEGY) {
  constructor(@Inject(IDENTITIES) private readonly identities: Identities) {
    super();
  }

  /** @throws IdentityFault where there is no such key, or the database cannot be asked */
  async validate(key: string): Promise<Administrator> {
    const found = await this.identities.userOfKey(ADMIN_TYPE, key);
    return byKey(found.user, found.key);
  }
}
