import type { AuthAction } from './accounts.js';
import { changePassword, setOtp } from './custom.js';
import { login } from './login.js';
import { deleteUser, register } from './register.js';
import { logout, refresh, resolve, resolveKey } from './tokens.js';

/** What a provider answers, by the path below `/auth/{type}/`. */
export const AUTH_ACTIONS: Readonly<Record<string, AuthAction>> = {
  register,
  login,
  // Good or not: the same question as who it is.
  validate: resolve,
  resolve,
  refresh,
  logout,
  delete: deleteUser,
  resolveKey,
  'custom/changePassword': changePassword,
  'custom/setOtp': setOtp,
};
