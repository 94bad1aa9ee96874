import type { IdentityUser } from '../../contracts/identities.js';
import { invalidToken, missingCredential, noUser } from '../identity-faults.js';
import type { IdentityServer } from '../identity-server.js';
import type { IdentityInput } from './identity-input.js';
import type { ResolvePatterns } from './resolve-pattern.js';

/** One call of one action. */
export interface ActionCall {
  readonly type: string;
  readonly input: IdentityInput;
  readonly server: IdentityServer;
  readonly patterns: ResolvePatterns;
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal | null;
}

/** Answers one call: what it returns is the event's payload. */
export type IdentityAction = (call: ActionCall) => Promise<object>;

export function cameFrom({ input, signal }: ActionCall): {
  readonly address: string | null;
  readonly signal: AbortSignal | null;
} {
  return { address: input.address, signal };
}

export interface Calling {
  readonly user: IdentityUser;
  /** Since somebody logged in; null: the gateway does not tell. */
  readonly ageSeconds: number | null;
}

/**
 * The user who calls: by an access token, else as the gateway says, whose word `origin.id` is. Only a user of this type: a guest's id, or
 * a machine's, may be anything.
 * @throws IdentityFault 10123, 10124, 10125
 */
export async function callingUser({ type, input, server }: ActionCall): Promise<Calling> {
  const accessToken = input.credentialGiven('access_token');
  if (accessToken !== null) return server.resolve(type, accessToken);
  const { origin } = input;
  if (origin.type !== type || origin.id === null) throw missingCredential('access_token');
  const found = await server.parts.users.byId(type, origin.id);
  // Deleted or disabled since the gateway's token was issued.
  if (found === null || found.user.disabled) throw invalidToken();
  return { user: found.user, ageSeconds: null };
}

/** The user of this type that an administrator names. @throws IdentityFault 10009, 10028 */
export async function namedUser({ type, input, server }: ActionCall): Promise<IdentityUser> {
  const found = await server.parts.users.byId(type, input.textNeeded('id'));
  if (found === null) throw noUser();
  return found.user;
}
