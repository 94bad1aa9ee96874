import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../../components/load-log.js';
import {
  IdentityFault,
  type Identities,
  type IdentityUser,
  type KeptRole,
  type Page,
  type UserChange,
} from '../../contracts/identities.js';
import { Refused } from '../../low-rate/refused.js';
import type { Actor } from '../administrator.js';
import type { Users, Writing } from '../directory.js';
import { versionFor } from '../input/if-match.js';
import { inputRefused } from '../input/input-faults.js';
import { sortedBy } from '../input/list-query.js';
import { ADMIN_TYPE, ROOT_ROLE } from '../roles.js';
import {
  READ_ONLY,
  type NewUserDto,
  type UserChangeDto,
  type UserDto,
  type UserListQuery,
  type UserReplacementDto,
} from './user.dto.js';
import { refuseBeyond } from './reach.js';
import { shownRoles, storedRoles } from './user-roles.js';

/** Nobody may take away the last administrator of all gateways. */
export const KEPT: KeptRole = { type: ADMIN_TYPE, role: ROOT_ROLE };

const MOST_TRIES = 4;
const isLostRace = (error: unknown): boolean => error instanceof IdentityFault && error.status === 412;

/** Of the identity server's two conflicts the one that is no name. */
const isLast = (error: unknown): boolean => error instanceof IdentityFault && error.code === CONFLICT;
const CONFLICT = 409;

/** Users of the built-in identity server, under the rules of administrators. */
export class GovernedUsers implements Users {
  constructor(
    private readonly identities: Identities,
    private readonly log: Log,
  ) {}

  async list({ sort, ...query }: UserListQuery): Promise<Page<UserDto>> {
    const { list, total } = await this.identities.users({ ...query, sort: sortedBy(sort) });
    return { list: list.map(shownUser), total };
  }

  async get(id: string): Promise<UserDto> {
    return shownUser(await this.identities.user(id));
  }

  async create({ type, username, password, roles = [], disabled, profile }: NewUserDto, by: Actor): Promise<UserDto> {
    const stored = storedRoles(type, roles);
    refuseBeyond({ type, roles: stored }, by);
    const made = await this.identities.createUser({
      ...{ type, username, password: password ?? null, roles: stored },
      ...(disabled !== undefined && { disabled }),
      ...(profile !== undefined && { profile }),
    });
    this.note('created', made, by);
    return shownUser(made);
  }

  replace(id: string, user: UserReplacementDto, writing: Writing): Promise<UserDto> {
    return this.change(id, { roles: [], disabled: false, profile: {}, ...user }, writing);
  }

  change(id: string, change: UserChangeDto, writing: Writing): Promise<UserDto> {
    return this.write(id, writing, async (user, version) => {
      refuseReadOnly(change, user);
      const wanted = changeOf(change, user);
      if (wanted.roles !== undefined) refuseBeyond({ type: user.type, roles: wanted.roles }, writing.by);
      const changed = await this.identities.changeUser(user.id, wanted, version, KEPT);
      this.note('changed', changed, writing.by);
      return shownUser(changed);
    });
  }

  delete(id: string, writing: Writing): Promise<void> {
    return this.write(id, writing, async (user, version) => {
      await this.identities.deleteUser(user.id, version, KEPT);
      this.note('deleted', user, writing.by);
    });
  }

  /** What the rules looked at is what is written: roles that somebody gives meanwhile make it begin anew. */
  private async write<T>(
    id: string,
    { by, precondition }: Writing,
    work: (user: IdentityUser, version: number) => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      const user = await this.identities.user(id);
      refuseBeyond(user, by);
      const version = await versionFor(precondition, async () => user.version);
      try {
        return await work(user, version ?? user.version);
      } catch (error) {
        if (isLast(error)) throw new Refused('LAST_ADMINISTRATOR', { cause: error });
        if (version !== null || tries === MOST_TRIES || !isLostRace(error)) throw error;
      }
    }
  }

  private note(what: string, { id, type, username }: IdentityUser, by: Actor): void {
    this.log('info', `A user was ${what}.`, { by: by.name, user: id, type, username });
  }
}

export function shownUser(user: IdentityUser): UserDto {
  const { id, username, type, roles, disabled, hasOtp, profile, version, createdAt, updatedAt } = user;
  return {
    ...{ id, username, type, roles: shownRoles(type, roles), disabled },
    ...{ hasOtp, profile, version, createdAt, updatedAt },
  };
}

/** What came along as it was read is no change; anything else there is a mistake of whoever sends it. */
function refuseReadOnly(change: UserChangeDto, user: IdentityUser): void {
  if (change.version !== undefined && change.version !== user.version) throw new Refused('RECORD_CHANGED');
  const shown = shownUser(user);
  const faults = READ_ONLY.filter(
    (name) => change[name] !== undefined && !isDeepStrictEqual(change[name], shown[name]),
  );
  if (faults.length === 0) return;
  throw inputRefused(faults.map((name) => ({ pointer: `/${name}`, message: 'cannot be changed: leave it out' })));
}

function changeOf({ username, password, roles, disabled, profile }: UserChangeDto, { type }: IdentityUser): UserChange {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(roles !== undefined && { roles: storedRoles(type, roles) }),
    ...(disabled !== undefined && { disabled }),
    ...(profile !== undefined && { profile }),
  };
}
