import type { Given, LocalAdministration } from '../admin/local-administration.js';
import type { KeyDto, MadeKeyDto } from '../admin/keys/key.dto.js';
import type { UserDto } from '../admin/users/user.dto.js';
import type { Page } from '../contracts/identities.js';
import type { ControlClient } from './control-client.js';

/** Administration in the database that a running gateway holds. Throws what it says, or why it says nothing. */
export class SocketAdministration implements LocalAdministration {
  constructor(private readonly client: ControlClient) {}

  users(query: Given): Promise<Page<UserDto>> {
    return this.ask('/users', query);
  }

  createUser(user: Given): Promise<UserDto> {
    return this.ask('/users/create', user);
  }

  changeUser(id: string, change: Given): Promise<UserDto> {
    return this.ask('/users/change', { ...change, id });
  }

  async deleteUser(id: string): Promise<void> {
    await this.ask('/users/delete', { id });
  }

  keys(query: Given): Promise<Page<KeyDto>> {
    return this.ask('/keys', query);
  }

  createKey(key: Given): Promise<MadeKeyDto> {
    return this.ask('/keys/create', key);
  }

  async deleteKey(id: string): Promise<void> {
    await this.ask('/keys/delete', { id });
  }

  private async ask<T>(path: string, body: Given): Promise<T> {
    const answer = await this.client.ask<T>({ method: 'POST', path, body });
    if (answer.state === 'answered') return answer.value;
    throw new Error(answer.state === 'nobody' ? 'The gateway has ended meanwhile; try again.' : answer.message);
  }
}
