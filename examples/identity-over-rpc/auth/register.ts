import { randomUUID } from 'node:crypto';
import { isObject } from '../../runner-kit/index.js';
import { userOfAccessToken, type Accounts } from './accounts.js';
import { given, textGiven, type AuthCall } from './given.js';
import { loginAnswer } from './login.js';
import { hashPassword } from './passwords.js';
import { badInput } from './refusals.js';

const MAX_PASSWORD_LENGTH = 512;

/** username, password and profile → `{token, user}`. 400 for what is missing or too short, 409 for a taken name. */
export async function register(call: AuthCall, accounts: Accounts): Promise<object> {
  const username = textGiven(call, 'username');
  if (username === null) throw badInput('username is missing');
  const password = await hashPassword(acceptablePassword(textGiven(call, 'password'), accounts));
  const profile = given(call, 'profile');
  const user = accounts.users.add({
    id: randomUUID(),
    type: call.type,
    username,
    password,
    // Never what the client says: anybody could make himself an administrator.
    roles: accounts.registeredRoles,
    profile: isObject(profile) ? profile : {},
    otp: null,
  });
  return loginAnswer(user, accounts);
}

/** @throws RunnerError 400 */
export function acceptablePassword(password: string | null, { minPasswordLength }: Accounts): string {
  if (password === null || password.length < minPasswordLength)
    throw badInput(`password has fewer than ${minPasswordLength} characters`);
  if (password.length > MAX_PASSWORD_LENGTH) throw badInput(`password has more than ${MAX_PASSWORD_LENGTH} characters`);
  return password;
}

/** Deletes the user of the access token, and with him what he is logged in by. */
export function deleteUser(call: AuthCall, accounts: Accounts): object {
  const { user, grant } = userOfAccessToken(call, accounts);
  accounts.users.delete(user);
  accounts.grants.revoke(grant);
  return { deleted: user.id };
}
