import { hashPassword } from './auth/passwords.js';
import type { Users } from './auth/users.js';
import type { JsonObject } from '../runner-kit/index.js';

/** A user as he is written in the file of users. */
export interface SeedUser {
  readonly username: string;
  readonly password: string;
  /** Default: the username. */
  readonly id?: string;
  /** Default `user`. */
  readonly type?: string;
  readonly roles?: readonly string[];
  readonly profile?: JsonObject;
  /** With one, a login asks for it. */
  readonly otp?: string;
  readonly apiKeys?: readonly string[];
}

/** Known to everybody who can read: for trying out only. */
export const SEED_USERS: readonly SeedUser[] = [
  {
    username: 'ada',
    password: 'lovelace',
    roles: ['admin', 'clerk'],
    profile: { name: 'Ada Lovelace', email: 'ada@example.com' },
    apiKeys: ['ada-key-for-trying-out'],
  },
  { username: 'bob', password: 'builder', roles: ['clerk'], profile: { name: 'Bob', email: 'bob@example.com' } },
  {
    username: 'grace',
    password: 'hopper',
    roles: ['clerk'],
    profile: { name: 'Grace Hopper', email: 'grace@example.com' },
    otp: '246810',
  },
];

/** @throws RunnerError where two of them have one name. */
export async function seedUsers(users: Users, seeds: readonly SeedUser[]): Promise<void> {
  for (const {
    username,
    password,
    id = username,
    type = 'user',
    roles = [],
    profile = {},
    otp,
    apiKeys = [],
  } of seeds) {
    const hash = await hashPassword(password);
    const user = users.add({ id, type, username, password: hash, roles, profile, otp: otp ?? null });
    for (const apiKey of apiKeys) users.addApiKey(user, apiKey);
  }
}

/** One line a user, with what he logs in by. */
export function describeSeeds(seeds: readonly SeedUser[]): string {
  return seeds
    .map(({ username, password, roles = [], otp, apiKeys = [] }) => {
      const more = [otp === undefined ? [] : [`one-time code ${otp}`], apiKeys.map((key) => `API key ${key}`)].flat();
      return `  ${username} / ${password} (${[`roles ${roles.join(', ')}`, ...more].join('; ')})`;
    })
    .join('\n');
}
