import type { IdentityKey, IdentityUser } from '../contracts/identities.js';
import { Authority } from './roles.js';

/** Who calls the admin API or the Control API. */
export interface Administrator {
  readonly user: IdentityUser;
  /** Null: by a token. */
  readonly key: IdentityKey | null;
  /** Id of the login; null: by a key. */
  readonly loginId: string | null;
  readonly authority: Authority;
}

export function byLogin(user: IdentityUser, loginId: string): Administrator {
  return { user, key: null, loginId, authority: new Authority(user.roles, null) };
}

export function byKey(user: IdentityUser, key: IdentityKey): Administrator {
  return { user, key, loginId: null, authority: new Authority(user.roles, key.roles) };
}

/** Who does something, for the rules and for the log. */
export interface Actor {
  readonly name: string;
  readonly authority: Authority;
}

export const actorOf = ({ user, authority }: Administrator): Actor => ({ name: user.username, authority });
/** Whoever may write into data.folder. */
export const COMMAND_LINE: Actor = { name: 'the command line', authority: Authority.ROOT };
