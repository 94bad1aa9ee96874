import type { JsonObject } from '../../contracts/json.js';
import { badMember } from '../identity-faults.js';
import type { TextRules } from '../identity-settings.js';
import { nameProblem } from './user-name.js';
import { isUserType } from './user-type.js';

const MOST_PROFILE_BYTES = 16_384;
const MOST_ROLES = 100;
const MOST_ROLE_CHARACTERS = 128;
/** A comma would make two of one where roles are a text. */
const NOT_IN_ROLES = /[\p{Cc}\p{Cf}\p{Cs},]/u;

/** @throws IdentityFault 400 */
export function checkedName(username: string): string {
  const problem = nameProblem(username);
  if (problem !== null) throw badMember('username', problem);
  return username;
}

/** @throws IdentityFault 400 */
export function checkedType(type: string): string {
  if (!isUserType(type))
    throw badMember(
      'type',
      'is 1 to 64 letters, digits, dots, hyphens and underscores, and begins with one of the first two',
    );
  return type;
}

/** @throws IdentityFault 400 that never repeats the text */
export function checkedSecret(name: 'password' | 'secret', text: string, { least, most, form }: TextRules): string {
  const length = [...text].length;
  if (length < least) throw badMember(name, `has fewer than ${least} characters`);
  if (length > most) throw badMember(name, `has more than ${most} characters`);
  if (!text.isWellFormed() || text.includes('\0')) throw badMember(name, `holds what is no character`);
  if (form !== null && !form.test(text)) throw badMember(name, `has not the form that is asked for`);
  return text;
}

/** @throws IdentityFault 400 */
export function checkedProfile(profile: JsonObject): JsonObject {
  const text = JSON.stringify(profile);
  if (Buffer.byteLength(text) > MOST_PROFILE_BYTES)
    throw badMember('profile', `has more than ${MOST_PROFILE_BYTES} bytes of JSON`);
  // Postgres keeps no NUL, and no half of a character.
  if (/\\u0000|\\ud[89a-f]/i.test(text)) throw badMember('profile', 'holds what is no character');
  return profile;
}

/** Without repetitions. @throws IdentityFault 400 */
export function checkedRoles(roles: readonly string[]): string[] {
  if (roles.length > MOST_ROLES) throw badMember('roles', `are more than ${MOST_ROLES}`);
  for (const role of roles) {
    if (role === '' || role.trim() !== role || role.length > MOST_ROLE_CHARACTERS || NOT_IN_ROLES.test(role))
      throw badMember(
        'roles',
        `are texts of 1 to ${MOST_ROLE_CHARACTERS} characters without commas, control characters and white space around them`,
      );
  }
  return [...new Set(roles)];
}
