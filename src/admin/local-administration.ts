import type { Page } from '../contracts/identities.js';
import { COMMAND_LINE } from './administrator.js';
import type { Keys, Users, Writing } from './directory.js';
import { checkedInput } from './input/checked-input.js';
import { type KeyDto, KeyListQuery, type MadeKeyDto, NewKeyDto } from './keys/key.dto.js';
import { NewUserDto, UserChangeDto, type UserDto, UserListQuery } from './users/user.dto.js';

/** What a command sends: checked where it is done, as what comes over the admin API. */
export type Given = Readonly<Record<string, unknown>>;

/** Administration for whoever may write into data.folder: the command line, with the rights of an administrator of all gateways. */
export interface LocalAdministration {
  users(query: Given): Promise<Page<UserDto>>;
  createUser(user: Given): Promise<UserDto>;
  changeUser(id: string, change: Given): Promise<UserDto>;
  deleteUser(id: string): Promise<void>;
  keys(query: Given): Promise<Page<KeyDto>>;
  createKey(key: Given): Promise<MadeKeyDto>;
  deleteKey(id: string): Promise<void>;
}

const WRITING: Writing = { by: COMMAND_LINE, precondition: null };

/** In the process that has the database. Throws Refused and IdentityFault. */
export class DirectAdministration implements LocalAdministration {
  constructor(private readonly governed: { readonly users: Users; readonly keys: Keys }) {}

  async users(query: Given): Promise<Page<UserDto>> {
    return this.governed.users.list(checkedInput(UserListQuery, query));
  }

  async createUser(user: Given): Promise<UserDto> {
    return this.governed.users.create(checkedInput(NewUserDto, user), COMMAND_LINE);
  }

  async changeUser(id: string, change: Given): Promise<UserDto> {
    return this.governed.users.change(id, checkedInput(UserChangeDto, change), WRITING);
  }

  deleteUser(id: string): Promise<void> {
    return this.governed.users.delete(id, WRITING);
  }

  async keys(query: Given): Promise<Page<KeyDto>> {
    return this.governed.keys.list(checkedInput(KeyListQuery, query));
  }

  async createKey(key: Given): Promise<MadeKeyDto> {
    return this.governed.keys.create(checkedInput(NewKeyDto, key), COMMAND_LINE);
  }

  deleteKey(id: string): Promise<void> {
    return this.governed.keys.delete(id, WRITING);
  }
}
