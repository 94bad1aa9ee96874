import type { LocalAdministration } from '../admin/local-administration.js';
import type { UserDto } from '../admin/users/user.dto.js';
import { CommandFailed } from './command-failed.js';

const MOST_AT_ONCE = 1000;

/** Names are compared as the identity server compares them. */
const folded = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

/** The user of that name, or of that id. @throws CommandFailed where there is none */
export async function userNamed(
  administration: LocalAdministration,
  { name, type }: { readonly name: string; readonly type: string },
): Promise<UserDto> {
  for await (const user of allUsers(administration, { type, search: name }))
    if (folded(user.username) === folded(name)) return user;
  for await (const user of allUsers(administration, { type })) if (user.id === name) return user;
  throw new CommandFailed(`There is no user ${JSON.stringify(name)} of type ${type}.`);
}

export async function* allUsers(
  administration: LocalAdministration,
  query: { readonly type?: string; readonly search?: string },
): AsyncIterable<UserDto> {
  for (let skip = 0; ; skip += MOST_AT_ONCE) {
    const { list, total } = await administration.users({ ...query, skip, limit: MOST_AT_ONCE });
    yield* list;
    if (list.length === 0 || skip + list.length >= total) return;
  }
}
