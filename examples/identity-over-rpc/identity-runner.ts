import { createRunner, type Runner, type RunnerOptions } from '../runner-kit/index.js';
import type { Accounts, AuthAction } from './auth/accounts.js';
import { AUTH_ACTIONS } from './auth/actions.js';
import { Grants } from './auth/grants.js';
import { OneTimeLogins } from './auth/one-time.js';
import { Users } from './auth/users.js';
import { seedUsers, SEED_USERS, type SeedUser } from './seed.js';
import { SESSION_ACTIONS } from './session/actions.js';
import { Sessions } from './session/sessions.js';

export interface IdentityOptions extends RunnerOptions {
  /** Types of users, each with users of its own; default `user` and `guest`. Paths of others are not found. */
  readonly types?: readonly string[];
  /** Who is there from the start; default SEED_USERS. */
  readonly users?: readonly SeedUser[];
  /** Roles of those who register; default none. */
  readonly registeredRoles?: readonly string[];
  /** Default 8. */
  readonly minPasswordLength?: number;
  /** Life of an access token; default 600. */
  readonly accessSeconds?: number;
  /** Life of a refresh token; default 6000. */
  readonly refreshSeconds?: number;
  /** Life of a session after its last touch; default 60000. */
  readonly sessionTtlMs?: number;
  /** More are refused with 503; default 10,000. */
  readonly maxUsers?: number;
  /** The login that is longest without a refresh makes room for another; default 100,000. */
  readonly maxGrants?: number;
  /** The session that is longest without a touch makes room for another; default 100,000. */
  readonly maxSessions?: number;
  /** More actions, by their name below `custom/`. */
  readonly custom?: Readonly<Record<string, AuthAction>>;
}

/** Answers events at `/auth/{type}/{action}` and `/session/{type}[/{action}]`, all in memory. */
export async function createIdentityRunner(options: IdentityOptions = {}): Promise<Runner> {
  const runner = createRunner({ name: 'identity server', rpcTarget: '/', ...options });
  const accounts = await createAccounts(options);
  const sessions = createSessions(options);
  const custom = Object.entries(options.custom ?? {}).map(([name, action]) => [`custom/${name}`, action] as const);
  for (const type of options.types ?? ['user', 'guest']) {
    for (const [name, action] of [...Object.entries(AUTH_ACTIONS), ...custom])
      runner.rpc(`/auth/${type}/${name}`, (call) => action({ ...call, type }, accounts));
    for (const [name, action] of Object.entries(SESSION_ACTIONS))
      runner.rpc(`/session/${type}/${name}`, (call) => action({ ...call, type }, sessions));
  }
  return runner;
}

async function createAccounts(options: IdentityOptions): Promise<Accounts> {
  const { accessSeconds = 600, refreshSeconds = 6000, maxGrants = 100_000, now = Date.now } = options;
  const { maxUsers = 10_000, minPasswordLength = 8, registeredRoles = [] } = options;
  const users = new Users(maxUsers);
  await seedUsers(users, options.users ?? SEED_USERS);
  const grants = new Grants({ accessSeconds, refreshSeconds, maxGrants, now });
  return { users, grants, oneTimeLogins: new OneTimeLogins(now), minPasswordLength, registeredRoles };
}

function createSessions({ sessionTtlMs = 60_000, maxSessions = 100_000, now = Date.now }: IdentityOptions): Sessions {
  return new Sessions({ sessionTtlMs, maxSessions, now });
}
