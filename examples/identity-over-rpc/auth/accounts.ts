import { textNeeded, type AuthCall } from './given.js';
import type { Grant, Grants } from './grants.js';
import type { OneTimeLogins } from './one-time.js';
import { invalidToken } from './refusals.js';
import type { User, Users } from './users.js';

/** What the actions work with. */
export interface Accounts {
  readonly users: Users;
  readonly grants: Grants;
  readonly oneTimeLogins: OneTimeLogins;
  readonly minPasswordLength: number;
  /** Roles of those who register. */
  readonly registeredRoles: readonly string[];
}

/** Answers one call: what it returns is merged into the event's payload. */
export type AuthAction = (call: AuthCall, accounts: Accounts) => object | Promise<object>;

/** The user of the access token that came. @throws RunnerError 10123, 10124, 10125 */
export function userOfAccessToken(call: AuthCall, { users, grants }: Accounts): { user: User; grant: Grant } {
  const grant = grants.ofAccessToken(textNeeded(call, 'access_token'), call.type);
  const user = users.get(grant.userId);
  // Deleted since.
  if (user === undefined) throw invalidToken();
  return { user, grant };
}
