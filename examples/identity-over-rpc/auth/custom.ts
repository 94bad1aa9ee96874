import { userOfAccessToken, type Accounts } from './accounts.js';
import { textGiven, textNeeded, type AuthCall } from './given.js';
import { hashPassword, isPasswordOf } from './passwords.js';
import { badInput, wrongCredentials } from './refusals.js';
import { acceptablePassword } from './register.js';
import { userAnswer } from './users.js';

const MAX_OTP_LENGTH = 32;

/** access_token, password and newPassword → `{user}`. 10125 for a wrong password, 400 for a bad new one. */
export async function changePassword(call: AuthCall, accounts: Accounts): Promise<object> {
  const { user } = userOfAccessToken(call, accounts);
  const newPassword = acceptablePassword(textGiven(call, 'newPassword'), accounts);
  if (!(await isPasswordOf(user.password, textNeeded(call, 'password')))) throw wrongCredentials();
  const password = await hashPassword(newPassword);
  // Read again: while we waited he may have changed, or gone.
  const { user: current } = userOfAccessToken(call, accounts);
  return { user: userAnswer(accounts.users.keep({ ...current, password })) };
}

/** access_token and otp: from now on a login asks for this code; without otp, for none. */
export function setOtp(call: AuthCall, accounts: Accounts): object {
  const { user } = userOfAccessToken(call, accounts);
  const otp = textGiven(call, 'otp');
  if (otp !== null && otp.length > MAX_OTP_LENGTH) throw badInput(`otp has more than ${MAX_OTP_LENGTH} characters`);
  accounts.users.keep({ ...user, otp });
  return { otpEnabled: otp !== null };
}
