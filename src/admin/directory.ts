import type { IdentityUser, Page } from '../contracts/identities.js';
import type { Actor } from './administrator.js';
import type { KeyDto, KeyListQuery, MadeKeyDto, NewKeyDto } from './keys/key.dto.js';
import type { NewUserDto, UserChangeDto, UserDto, UserListQuery, UserReplacementDto } from './users/user.dto.js';
import type { Precondition } from './input/if-match.js';

/** A write, and who makes it. */
export interface Writing {
  readonly by: Actor;
  readonly precondition: Precondition;
}

/** Users, under the rules of administrators. Throws Refused and IdentityFault. */
export interface Users {
  list(query: UserListQuery): Promise<Page<UserDto>>;
  get(id: string): Promise<UserDto>;
  create(user: NewUserDto, by: Actor): Promise<UserDto>;
  replace(id: string, user: UserReplacementDto, writing: Writing): Promise<UserDto>;
  change(id: string, change: UserChangeDto, writing: Writing): Promise<UserDto>;
  delete(id: string, writing: Writing): Promise<void>;
}
export const USERS = Symbol('Users');

/** API keys, under the same rules. A key is made and deleted, never changed. */
export interface Keys {
  list(query: KeyListQuery): Promise<Page<KeyDto>>;
  get(id: string): Promise<KeyDto>;
  create(key: NewKeyDto, by: Actor): Promise<MadeKeyDto>;
  delete(id: string, writing: Writing): Promise<void>;
}
export const KEYS = Symbol('Keys');

/** Whom a rule is about. */
export type Subject = Pick<IdentityUser, 'type' | 'roles'>;
