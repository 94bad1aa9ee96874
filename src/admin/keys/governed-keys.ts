import type { Log } from '../../components/load-log.js';
import type { Identities, IdentityKey, Page } from '../../contracts/identities.js';
import type { Actor } from '../administrator.js';
import type { Keys, Writing } from '../directory.js';
import { versionFor } from '../input/if-match.js';
import { inputRefused } from '../input/input-faults.js';
import { sortedBy } from '../input/list-query.js';
import { Refused } from '../../low-rate/refused.js';
import { refuseBeyond } from '../users/reach.js';
import { shownRoles, storedRoles } from '../users/user-roles.js';
import type { KeyDto, KeyListQuery, MadeKeyDto, NewKeyDto } from './key.dto.js';

/** A key never changes: this is the version of each. */
export const KEY_VERSION = 1;

/** API keys of the built-in identity server, under the rules of administrators. */
export class GovernedKeys implements Keys {
  constructor(
    private readonly identities: Identities,
    private readonly log: Log,
    /** Epoch ms. */
    private readonly now: () => number,
  ) {}

  async list({ sort, ...query }: KeyListQuery): Promise<Page<KeyDto>> {
    const { list, total } = await this.identities.keys({ ...query, sort: sortedBy(sort) });
    return { list: list.map(shownKey), total };
  }

  async get(id: string): Promise<KeyDto> {
    return shownKey(await this.identities.key(id));
  }

  async create({ user: userId, name, roles, expires }: NewKeyDto, by: Actor): Promise<MadeKeyDto> {
    const user = await this.identities.user(userId);
    refuseBeyond(user, by);
    if (typeof expires === 'string' && Date.parse(expires) <= this.now())
      throw inputRefused([{ pointer: '/expires', message: 'must be a moment to come, or null' }]);
    const made = await this.identities.createKey({
      user: user.id,
      ...(name !== undefined && { name }),
      ...(roles !== undefined && { roles: storedRoles(user.type, roles) }),
      ...(expires !== undefined && { expires }),
    });
    this.note('created', made.record, by);
    return { ...shownKey(made.record), key: made.key };
  }

  async delete(id: string, { by, precondition }: Writing): Promise<void> {
    const key = await this.identities.key(id);
    refuseBeyond(await this.identities.user(key.user), by);
    const version = await versionFor(precondition, async () => KEY_VERSION);
    if (version !== null && version !== KEY_VERSION) throw new Refused('RECORD_CHANGED');
    await this.identities.deleteKey(key.id);
    this.note('deleted', key, by);
  }

  private note(what: string, { id, user }: IdentityKey, by: Actor): void {
    this.log('info', `An API key was ${what}.`, { by: by.name, key: id, user });
  }
}

export function shownKey({ id, user, type, name, roles, expires, createdAt }: IdentityKey): KeyDto {
  return { id, user, type, name, roles: shownRoles(type, roles), expires, createdAt };
}
