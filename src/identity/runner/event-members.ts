import { badInput } from '../identity-faults.js';

export type Members = Readonly<Record<string, unknown>>;

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object under a name; empty where there is none. */
export function membersAt(parent: Members, name: string): Members {
  const value = Object.hasOwn(parent, name) ? parent[name] : null;
  return isMembers(value) ? value : {};
}

/** Undefined where it is missing, null or an empty text: forms send those. */
export function valueAt(parent: Members, name: string): unknown {
  const value = Object.hasOwn(parent, name) ? parent[name] : undefined;
  return value === null || value === '' ? undefined : value;
}

/** Text; a number or a boolean as it is written. @throws IdentityFault 400 for anything else, and for what is too long */
export function textOf(value: unknown, label: string, most: number): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw badInput(`${label} is no text`);
  const text = String(value);
  if (text.length > most) throw badInput(`${label} has more than ${most} characters`);
  return text;
}

/** A whole number, or digits. @throws IdentityFault 400 */
export function numberOf(value: unknown, label: string, least: number, most: number): number | null {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  if (value === undefined) return null;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most)
    throw badInput(`${label} is a whole number from ${least} to ${most}`);
  return number;
}

/** true or false, as such or as text. @throws IdentityFault 400 */
export function booleanOf(value: unknown, label: string): boolean | null {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (text === 'true' || text === 'false') return text === 'true';
  throw badInput(`${label} is true or false`);
}

/** Texts, as a list or as one text with commas. @throws IdentityFault 400 */
export function textsOf(value: unknown, label: string): readonly string[] | null {
  if (value === undefined) return null;
  if (typeof value === 'string') return value.split(',').map((text) => text.trim());
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw badInput(`${label} is a list of texts`);
}
