import { deriveHere } from '../identity/passwords/derivation.js';
import { PasswordHashes } from '../identity/passwords/password-hashes.js';
import { StoredUsers } from '../identity/users/stored-users.js';
import type { BoundedStore } from '../storage/bounded-store.js';

/** Known to everybody who can read: for trying out only. */
const SAMPLE_USERS = [
  {
    id: 'ada',
    password: 'lovelace',
    roles: ['admin', 'clerk'],
    profile: { name: 'Ada Lovelace', email: 'ada@example.com' },
  },
  { id: 'bob', password: 'builder', roles: ['clerk'], profile: { name: 'Bob', email: 'bob@example.com' } },
] as const;

/** Users of the built-in identity server that the README logs in as. Those that are there already stay as they are. */
export async function seedSampleUsers(store: Pick<BoundedStore, 'rows'>): Promise<void> {
  const [users, hashes] = [new StoredUsers(store), new PasswordHashes(deriveHere)];
  for (const { id, password, roles, profile } of SAMPLE_USERS)
    await users.createUnlessThere({
      ...{ id, username: id, type: 'user', roles, profile, disabled: false },
      ...{ passwordHash: await hashes.make(password), secretHash: null },
    });
}
