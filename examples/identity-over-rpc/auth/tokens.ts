import { userOfAccessToken, type Accounts } from './accounts.js';
import { textGiven, textNeeded, type AuthCall } from './given.js';
import { loginAnswer } from './login.js';
import { invalidToken, missing } from './refusals.js';
import { userAnswer } from './users.js';

/** access_token → `{user}`; 10123, 10124 or 10125 where it is not in force. */
export function resolve(call: AuthCall, accounts: Accounts): object {
  return { user: userAnswer(userOfAccessToken(call, accounts).user) };
}

/** refresh_token → `{token, user}` as of login. The refresh token that came is used up. */
export function refresh(call: AuthCall, accounts: Accounts): object {
  const grant = accounts.grants.ofRefreshToken(textNeeded(call, 'refresh_token'), call.type);
  const user = accounts.users.get(grant.userId);
  if (user === undefined) throw invalidToken();
  return loginAnswer(user, accounts, grant.id);
}

/** access_token or refresh_token: both end, with all that came of the same login. */
export function logout(call: AuthCall, { grants }: Accounts): object {
  const accessToken = textGiven(call, 'access_token');
  const refreshToken = textGiven(call, 'refresh_token');
  // The refresh token first: it may still stand where the access token has expired.
  if (refreshToken !== null) grants.revoke(grants.ofRefreshToken(refreshToken, call.type));
  else if (accessToken !== null) grants.revoke(grants.ofAccessToken(accessToken, call.type));
  else throw missing('access_token');
  return { loggedOut: true };
}

/** api_key → `{user}`; 10125 for an unknown one. */
export function resolveKey(call: AuthCall, { users }: Accounts): object {
  const user = users.findByApiKey(textNeeded(call, 'api_key'));
  if (user === undefined || user.type !== call.type) throw invalidToken();
  return { user: userAnswer(user) };
}
