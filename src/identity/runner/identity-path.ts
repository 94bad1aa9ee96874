import { noSuchAction } from '../identity-faults.js';
import { isUserType } from '../users/user-type.js';

/** Where a call goes: `/auth/{type}/{action}`, the action with one or two names. */
export interface IdentityPath {
  readonly type: string;
  readonly action: string;
}

const MOST_NAMES = 2;

/** Reads target and path together, so that the type may stand in either. @throws IdentityFault 3 */
export function readIdentityPath(target: string, path: string): IdentityPath {
  const [service, type = '', ...names] = `${target}/${path}`.split('/').filter((part) => part !== '');
  if (service !== 'auth' || !isUserType(type) || names.length === 0 || names.length > MOST_NAMES) throw noSuchAction();
  return { type, action: names.join('/') };
}
