import type { Accounts } from './accounts.js';
import { textGiven, textNeeded, type AuthCall } from './given.js';
import { isPasswordOf } from './passwords.js';
import { invalidToken, wrongCredentials } from './refusals.js';
import { userAnswer, type User } from './users.js';

/**
 * username and password → `{token, user}`; `{stage: 'otp', transactionId}` for a user who needs a one-time code, who comes
 * back with `stage` otp, transactionId and `otp`. Wrong ones: 10125.
 */
export async function login(call: AuthCall, accounts: Accounts): Promise<object> {
  const stage = textGiven(call, 'stage');
  if (stage === 'otp') return finishWithOtp(call, accounts);
  if (stage === 'otp-repeat') return repeatOtp(call, accounts);
  return startWithPassword(call, accounts);
}

async function startWithPassword(call: AuthCall, accounts: Accounts): Promise<object> {
  const username = textNeeded(call, 'username');
  const password = textNeeded(call, 'password');
  const user = accounts.users.find(call.type, username);
  if (!(await isPasswordOf(user?.password ?? null, password)) || user === undefined) throw wrongCredentials();
  if (user.otp === null) return loginAnswer(user, accounts);
  return { stage: 'otp', transactionId: accounts.oneTimeLogins.begin(user.id, user.type) };
}

function finishWithOtp(call: AuthCall, accounts: Accounts): object {
  const { users, oneTimeLogins } = accounts;
  const transactionId = textNeeded(call, 'transactionId');
  const code = textNeeded(call, 'otp');
  const user = users.get(oneTimeLogins.userOf(transactionId, call.type));
  if (user === undefined || user.otp === null) throw invalidToken();
  oneTimeLogins.finish(transactionId, code, user.otp);
  return loginAnswer(user, accounts);
}

/** A real server would send the code once more. */
function repeatOtp(call: AuthCall, { oneTimeLogins }: Accounts): object {
  const transactionId = textNeeded(call, 'transactionId');
  oneTimeLogins.userOf(transactionId, call.type);
  return { stage: 'otp', transactionId };
}

export function loginAnswer(user: User, { grants }: Accounts, grantId?: string): object {
  return { token: grants.issue(user, grantId), user: userAnswer(user) };
}
