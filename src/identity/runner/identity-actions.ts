import type { IdentityAction } from './action-call.js';
import {
  changePassword,
  changeProfile,
  deleteSelf,
  forward,
  login,
  logout,
  refresh,
  register,
  resolve,
  resolveKey,
} from './login-actions.js';
import { ADMINISTRATORS } from '../users/user-type.js';
import { OTP_ACTIONS } from './otp-actions.js';
import { USER_ACTIONS } from './user-actions.js';

const under = (prefix: string, actions: Readonly<Record<string, IdentityAction>>) =>
  Object.entries(actions).map(([name, action]) => [`${prefix}/${name}`, action] as const);

/** What the runner answers, by the path below `/auth/{type}/`. */
export const IDENTITY_ACTIONS: ReadonlyMap<string, IdentityAction> = new Map([
  ...Object.entries({ register, login, resolve, refresh, logout, delete: deleteSelf, resolveKey, forward }),
  // Good or not: the same question as who it is.
  ['validate', resolve] as const,
  ...under('custom', { changePassword, setProfile: changeProfile }),
  ...under('user', USER_ACTIONS),
  ...under('otp', OTP_ACTIONS),
]);

/** Administrators are made, changed and deleted by the admin API alone. */
const NOT_OF_ADMINISTRATORS = /^(?:register|delete|custom\/.*|user\/.*)$/;

export function isOpenTo(type: string, action: string): boolean {
  return type !== ADMINISTRATORS || !NOT_OF_ADMINISTRATORS.test(action);
}
