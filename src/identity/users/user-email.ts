import type { IdentityUser } from '../../contracts/identities.js';

/** RFC 5321, 4.5.3.1: 64 characters, @ and 255. */
const MOST_CHARACTERS = 320;

/** What tokens and answers say of a user's address: nothing where the profile has none. */
export function emailMember({ profile: { email } }: IdentityUser): { readonly email?: string } {
  return typeof email === 'string' && email.length <= MOST_CHARACTERS ? { email } : {};
}
