import { Refused } from '../../low-rate/refused.js';
import type { Actor } from '../administrator.js';
import type { Subject } from '../directory.js';
import { ADMIN_TYPE } from '../roles.js';

/**
 * Gateways share one database of users. An administrator of one gateway gives no roles on another, and takes over nobody who has some
 * there: neither by a new password, nor by a key.
 * @throws Refused ROLE_MISSING
 */
export function refuseBeyond({ type, roles }: Subject, by: Actor): void {
  if (type !== ADMIN_TYPE || by.authority.covers(roles)) return;
  throw new Refused('ROLE_MISSING', {
    message: 'this concerns roles on gateways (* = all) on which you have no role admin',
  });
}
